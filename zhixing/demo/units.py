"""The invented city of 云岚市: about 220 units on five levels with heavy-tailed sizes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from zhixing.people.models import Unit

Weight = Callable[[float], float]
CITY = "云岚市"
ORGANS = """市委办公室 市委组织部 市委宣传部 市委统战部 市委政法委 市纪委监委 市委网信办 市委编办 市人大常委会办公室 市政府办公室
市政协办公室 市发展和改革委员会 市教育局 市科学技术局 市工业和信息化局 市公安局 市民政局 市司法局 市财政局
市人力资源和社会保障局 市自然资源和规划局 市生态环境局 市住房和城乡建设局 市交通运输局 市水利局 市农业农村局 市商务局
市文化广电和旅游局 市卫生健康委员会 市退役军人事务局 市应急管理局 市审计局 市国资委 市市场监督管理局 市统计局 市医疗保障局
市城市管理局 市信访局 市数据局 市林业局 市总工会 共青团云岚市委 市妇女联合会 市科学技术协会 市中级人民法院 市人民检察院""".split()
INSTITUTIONS = {
    "市教育局": "云岚第一中学 云岚职业技术学院 云岚教育科学研究院",
    "市卫生健康委员会": "云岚市中心医院 云岚市疾病预防控制中心 云岚市妇幼保健院",
    "市农业农村局": "云岚市农业科学研究所 云岚市农业技术推广中心",
    "市水利局": "云岚市水文水资源中心",
    "市交通运输局": "云岚市公路事业发展中心",
    "市文化广电和旅游局": "云岚市图书馆 云岚市博物馆",
    "市自然资源和规划局": "云岚市不动产登记中心",
    "市住房和城乡建设局": "云岚市建设工程质量服务中心",
    "市应急管理局": "云岚市应急救援保障中心",
    "市市场监督管理局": "云岚市质量检验检测院",
}
ENTERPRISES = (
    "云岚城市建设投资集团",
    "云岚水务集团",
    "云岚交通运输集团",
    "云岚文旅集团",
    "云岚粮食储备集团",
    "云岚能源集团",
)
SUBSIDIARIES = {
    "云岚城市建设投资集团": "云岚市政工程公司 云岚物业管理公司",
    "云岚水务集团": "云岚自来水公司",
    "云岚交通运输集团": "云岚公共汽车公司",
}
SCHOOLS = ("中共云岚市委党校（云岚行政学院）", "云岚干部学院", "云岚市社会主义学院")
COUNTIES = ("青禾县", "望川区", "平岭县", "鹿鸣县", "云湖区", "石桥县", "白露县", "雁回区")
COUNTY_OFFICES = "委办公室 委组织部 纪委监委 政府办公室 教育局 公安局 财政局 农业农村局 卫生健康局"
TOWNS = "清溪 柳林 河口 南坪 大屯 新集 北塘 双井 杨庄 高岗 梅岭 栗园 沙窝 古渡 竹沟 龙泉"


@dataclass
class Body:
    """A unit to be made: ``weight`` decides its share of the people."""

    name: str
    kind: str
    weight: float
    parent: Body | None = None
    children: list[Body] = field(default_factory=list)
    made: Unit | None = None

    @property
    def unit(self) -> Unit:
        """The row of this body, once it is made."""
        if self.made is None:
            raise LookupError(f"{self.name} is not made yet")
        return self.made

    def below(self, name: str, kind: str, weight: float) -> Body:
        child = Body(name, kind, weight, self)
        self.children.append(child)
        return child

    def walk(self) -> Iterator[Body]:
        yield self
        for child in self.children:
            yield from child.walk()


def plan_city(rng: np.random.Generator) -> Body:
    """The whole tree. Weights are Pareto-distributed, so that a few units are large and most are small."""

    def weight(scale: float) -> float:
        return float(scale * min(18.0, rng.pareto(1.3) + 0.4))

    city = Body(CITY, Unit.Kind.CITY, 0.0)
    for name in ORGANS:
        organ = city.below(name, Unit.Kind.ORGAN, weight(9.0 if name == "市公安局" else 1.0))
        for child in INSTITUTIONS.get(name, "").split():
            organ.below(child, Unit.Kind.INSTITUTION, weight(1.6))
        if name == "市国资委":
            _add_enterprises(organ, weight)
    for name in SCHOOLS:
        city.below(name, Unit.Kind.SCHOOL, weight(0.7))
    towns = TOWNS.split()
    for number, name in enumerate(COUNTIES):
        _add_county(city, name, towns[number * 2 :] + towns[: number * 2], weight)
    return city


def _add_enterprises(owner: Body, weight: Weight) -> None:
    for name in ENTERPRISES:
        group = owner.below(name, Unit.Kind.ENTERPRISE, weight(1.5))
        for child in SUBSIDIARIES.get(name, "").split():
            group.below(child, Unit.Kind.ENTERPRISE, weight(1.0))


def _add_county(city: Body, name: str, towns: list[str], weight: Weight) -> None:
    county = city.below(name, Unit.Kind.COUNTY, weight(0.8))
    for office in COUNTY_OFFICES.split():
        row = county.below(f"{name}{office}", Unit.Kind.ORGAN, weight(1.2))
        if office == "卫生健康局":
            hospital = row.below(f"{name}人民医院", Unit.Kind.INSTITUTION, weight(1.4))
            hospital.below(f"{name}人民医院社区服务站", Unit.Kind.INSTITUTION, weight(0.4))
    for town in towns[:7]:
        kind = "街道" if name.endswith("区") and town in towns[:3] else "镇"
        county.below(f"{name}{town}{kind}", Unit.Kind.TOWNSHIP, weight(0.9))
