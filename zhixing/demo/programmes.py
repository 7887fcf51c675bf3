"""Programmes that the city could hold and does not yet: what a proposal for the next year may choose from beside this year's classes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Offer:
    """``groups``: rank groups; ``theme``: the topic whose teachers it takes; ``codes``: competencies, the best covered first; ``most``: runs a year."""

    name: str
    kind: str
    days: int
    seats: int
    groups: tuple[str, ...]
    theme: str
    codes: tuple[str, ...]
    most: int


_TABLE: Final = """
领导干部应急处突能力研讨班|special|4|40|county|防范风险|D4 A8 F5 D9|4
领导干部推动高质量发展研讨班|special|5|40|county|高质量发展|B6 B7 B5 D2|4
领导干部法治思维专题班|special|3|50|county|依法行政|E1 E2 D2|4
领导干部数字化履职专题班|special|3|50|county|数字化能力|D8 E14 E11|4
领导干部舆情引导与媒体沟通实训班|special|2|40|county|舆情应对|D9 F4 D4|4
领导干部生态文明建设专题班|special|3|50|county|生态文明|E9 B6|3
领导干部国家安全与保密专题班|special|2|60|county|防范风险|A8 E12 A5|4
领导干部意识形态工作专题班|special|2|60|county,township|党的建设|A4 F4 B1|6
领导干部调查研究能力研修班|special|4|40|county|履职能力|D1 D2 D7|4
领导干部党性教育进修班|main|5|40|county|党性修养|C1 C2 C3 C4 C5 C7|6
领导干部金融知识专题班|special|3|40|county|国企改革|E15 B7|3
选人用人与民主集中制专题班|special|3|40|county|党的建设|A7 A6 C7|4
民族宗教与统一战线工作专题班|special|2|50|county,township|基层治理|F6 F1|4
招商引资能力提升班|special|4|40|county,township|招商引资|E6 E7 D6|4
改革攻坚与担当作为专题班|special|3|50|county,township|国企改革|D3 C4 D7|4
中国式现代化理论进修班|main|5|50|township|党的创新理论|B5 B1 B6 A2|8
党史国史专题进修班|main|3|60|township|党的创新理论|B3 B2 C6|8
政治能力提升进修班|main|5|60|township|党的创新理论|A1 A2 A3 A6|8
廉洁自律与警示教育进修班|main|3|60|township|党性修养|C3 C8 A5|8
宗旨意识与作风建设进修班|main|3|60|township|党性修养|C2 C5 C1|8
信访接待与矛盾化解专题班|special|3|60|township|基层治理|F2 F1 F8|6
防灾减灾与安全生产监管实训班|special|3|60|township|防范风险|F5 E10 D4|6
项目谋划与管理专题班|special|3|50|township|高质量发展|E5 E6 D6|5
财政预算与绩效管理专题班|business|3|60|township|履职能力|E3 E4|6
生态环境保护业务班|business|3|60|township|生态文明|E9 E10|4
城市更新与治理专题班|special|3|50|township|公共服务|E16 F7 F8|4
征地拆迁政策与群众工作专题班|special|2|60|township|基层治理|F8 F1 F2|4
团队建设与统筹协调专题班|special|3|60|township|履职能力|D11 D6 D7|6
党支部书记培训班|special|3|80|township|党的建设|B4 C7 A6|8
科技创新政策专题班|special|2|50|township|高质量发展|E8 E7|4
营商环境优化专题班|special|2|60|township|高质量发展|E7 E2 F7|5
舆情引导实务班|business|2|60|township|舆情应对|F4 D9|5
统计与数据分析能力班|business|3|50|township,staff|数字化能力|E11 E14|6
公文写作与会务实务班|business|3|60|staff|公文写作|D5 D10 D12|8
保密与档案管理实务班|business|2|80|staff|履职能力|E12 E13|6
行政执法人员轮训班|business|3|80|staff|依法行政|E2 E1 E13|8
政府采购与招投标实务班|business|2|60|staff|履职能力|E4 E3|5
政务服务窗口能力班|business|2|60|staff|公共服务|F7 C2 D9|5
人工智能应用入门班|business|2|60|staff|数字化能力|E14 D8|6
时间与任务管理工作坊|business|1|40|staff|履职能力|D12 D6|4
群众工作方法实训班|special|3|60|staff|基层治理|F1 F3 F2|6
公务员职业道德班|special|2|80|staff|党性修养|C6 C2 A5|6
党章党规学习班|special|2|80|staff|党的建设|B4 C7 A5|6
青年理论学习班|main|3|60|staff|党的创新理论|B1 B2 A1 C1|8
传统文化与家国情怀专题班|special|2|60|staff|传统文化|C6 B3|3
"""


def offers() -> Iterator[Offer]:
    for line in _TABLE.strip().splitlines():
        name, kind, days, seats, groups, theme, codes, most = line.split("|")
        yield Offer(name, kind, int(days), int(seats), tuple(groups.split(",")), theme, tuple(codes.split()), int(most))
