"""Invented names of persons, drawn by how often surnames and given-name characters occur. No real person is meant."""

from __future__ import annotations

import numpy as np

# Surnames with their rough share in a thousand.
SURNAMES = {
    "王": 72, "李": 71, "张": 68, "刘": 54, "陈": 45, "杨": 31, "赵": 21, "黄": 22, "周": 21, "吴": 20, "徐": 17, "孙": 15,
    "胡": 13, "朱": 13, "高": 12, "林": 12, "何": 12, "郭": 12, "马": 12, "罗": 9, "梁": 9, "宋": 8, "郑": 8, "谢": 8,
    "韩": 7, "唐": 7, "冯": 6, "于": 6, "董": 6, "萧": 6, "程": 6, "曹": 6, "袁": 5, "邓": 5, "许": 6, "傅": 5, "沈": 5,
    "曾": 5, "彭": 5, "吕": 5, "苏": 5, "卢": 5, "蒋": 5, "蔡": 5, "贾": 4, "丁": 4, "魏": 4, "薛": 4, "叶": 4, "阎": 3,
    "余": 4, "潘": 4, "杜": 4, "戴": 3, "夏": 3, "钟": 3, "汪": 3, "田": 3, "任": 3, "姜": 3, "范": 3, "方": 3, "石": 3,
    "姚": 3, "谭": 3, "廖": 3, "邹": 3, "熊": 3, "金": 3, "陆": 3, "郝": 3, "孔": 2, "白": 2, "崔": 3, "康": 2, "毛": 2,
    "邱": 2, "秦": 3, "江": 3, "史": 2, "顾": 2, "侯": 2, "邵": 2, "孟": 2, "龙": 2, "万": 2, "段": 2, "雷": 2, "钱": 2,
    "汤": 2, "尹": 2, "黎": 2, "易": 2, "常": 2, "武": 2, "乔": 2, "贺": 2, "赖": 2, "龚": 2, "文": 2, "欧阳": 1, "上官": 1,
}  # fmt: skip
MALE = "伟强磊洋勇军杰涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢阳建亮成东晨晖立志文博思远新国海峰振锋毅哲瑞卫雄承泽恒景行学义"
FEMALE = (
    "芳娜敏静丽艳娟霞秀燕玲桂丹萍红玉洁云莉慧婷雪颖梅琳倩晶欣妍璐薇岚蕾悦佳瑶菲宁雯露岩彤馨怡畅睿然清雅君蓉晓春凤英珍兰"
)


def draw_names(rng: np.random.Generator, women: np.ndarray) -> list[str]:
    """One name for each flag in ``women``; a fifth have a single given character."""
    count = len(women)
    surnames = np.array(list(SURNAMES))
    weights = np.array(list(SURNAMES.values()), float)
    family = rng.choice(surnames, count, p=weights / weights.sum())
    male, female = np.array(list(MALE)), np.array(list(FEMALE))
    first = np.where(women, rng.choice(female, count), rng.choice(male, count))
    second = np.where(women, rng.choice(female, count), rng.choice(male, count))
    single = (rng.random(count) < 0.2) | (first == second)
    return [f + a + ("" if one else b) for f, a, b, one in zip(family, first, second, single, strict=True)]
