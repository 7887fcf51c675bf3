"""The words of the demonstration city's needs: competencies, levels, priorities, problems, and what people write."""

from __future__ import annotations

from typing import Final

GROUPS: Final = (
    ("A", "政治素质", "quality", "political"),
    ("B", "理论武装", "knowledge", "theory"),
    ("C", "党性修养", "quality", "party_spirit"),
    ("D", "履职本领", "skill", "ability"),
    ("E", "专业知识", "knowledge", "ability"),
    ("F", "群众工作与风险应对", "skill", "ability"),
)
LEVELS: Final = {
    "knowledge": (
        "知道{name}的基本概念和要求",
        "能说清{name}的主要内容及其与本岗位的关系",
        "能运用{name}独立处理常见问题",
        "能结合{name}分析复杂问题并指导他人",
        "能就{name}提出有影响的意见或制度建议",
    ),
    "quality": (
        "了解{name}的基本要求，在提示下能做到",
        "日常工作中能体现{name}",
        "遇到困难和压力仍能坚持{name}",
        "以身作则，带动身边同志提高{name}",
        "在重大任务和考验中成为{name}的表率",
    ),
    "skill": (
        "在指导下完成{name}的基本环节",
        "能独立完成{name}的常规任务",
        "能在情况变化时灵活运用{name}",
        "能组织他人开展{name}并解决难点",
        "能总结{name}的经验并形成可推广的做法",
    ),
}
_TABLE: Final = """
A1|政治判断力|quality|political|善于从政治上看问题|all|3
A2|政治领悟力|quality|political|准确把握上级精神|all|3
A3|政治执行力|quality|political|不折不扣抓好落实|all|3
A4|意识形态工作|skill|political|守住管好意识形态阵地|lead|4
A5|政治纪律和规矩|quality|political|守纪律、讲规矩|all|4
A6|民主集中制|skill|political|科学决策、民主决策|county|4
A7|选人用人|skill|political|知事识人、公道正派|county|4
A8|国家安全意识|knowledge|political|总体国家安全观|all|2
B1|党的创新理论|knowledge|theory|读原著、学原文、悟原理|all|3
B2|马克思主义基本原理|knowledge|theory|立场、观点、方法|lead|3
B3|党史国史|knowledge|theory|学史明理|all|2
B4|党章党规|knowledge|theory|熟悉常用党内法规|all|3
B5|中国式现代化|knowledge|theory|理解本质要求|all|2
B6|新发展理念|knowledge|theory|用于本领域工作|lead|3
B7|经济形势分析|knowledge|theory|看懂数据、把握趋势|county|4
B8|乡村振兴理论与政策|knowledge|theory|政策体系与路径|staff|3
C1|理想信念|quality|party_spirit|坚定信仰|all|4
C2|宗旨意识|quality|party_spirit|全心全意为人民服务|all|4
C3|廉洁自律|quality|party_spirit|知敬畏、存戒惧、守底线|all|4
C4|担当作为|quality|party_spirit|敢于担当、善于作为|all|3
C5|作风建设|quality|party_spirit|反对形式主义、官僚主义|all|3
C6|家国情怀|quality|party_spirit|传承红色基因|all|2
C7|批评与自我批评|skill|party_spirit|开展严肃的党内生活|lead|3
C8|警示教育运用|skill|party_spirit|以案促改|county|3
D1|调查研究|skill|ability|发现真问题、提出实办法|all|3
D2|科学决策|skill|ability|论证充分、程序规范|county|4
D3|改革攻坚|skill|ability|破解体制机制障碍|lead|3
D4|应急突发处置|skill|ability|快速响应、依法处置|lead|4
D5|公文写作|skill|ability|准确、简明、规范|staff|3
D6|统筹协调|skill|ability|跨部门推动工作|lead|4
D7|抓落实|skill|ability|闭环管理、务求实效|all|3
D8|数字化履职|skill|ability|用数据和系统办事|all|3
D9|媒体沟通|skill|ability|面对镜头和网络说得清|lead|3
D10|会议组织|skill|ability|精简高效|staff|2
D11|团队建设|skill|ability|带队伍、传帮带|lead|3
D12|时间与任务管理|skill|ability|分清主次|staff|2
E1|依法行政|knowledge|ability|权限、程序、责任|all|3
E2|行政执法规范|skill|ability|三项制度落实到位|staff|3
E3|财政预算与绩效|knowledge|ability|过紧日子、讲绩效|all:科长|4
E4|政府采购与招投标|knowledge|ability|合规、防风险|staff|2
E5|项目管理|skill|ability|前期、审批、建设、验收|lead|3
E6|招商引资|skill|ability|懂产业、会谈判|county|3
E7|营商环境|knowledge|ability|服务企业、一网通办|lead|3
E8|科技创新政策|knowledge|ability|平台、人才、成果转化|lead|2
E9|生态环境保护|knowledge|ability|双碳与污染防治|all|2
E10|安全生产监管|skill|ability|排查治理重大隐患|lead|4
E11|统计与数据分析|skill|ability|数出有据、会用会看|staff|3
E12|保密管理|knowledge|ability|网络和文件保密|all|3
E13|档案与信息公开|knowledge|ability|应公开尽公开|staff|2
E14|人工智能应用|knowledge|ability|了解边界、安全使用|all|2
E15|金融风险防范|knowledge|ability|地方债务与非法集资|county|3
E16|城市更新与治理|knowledge|ability|规划、建设、管理|lead|3
F1|群众工作方法|skill|ability|听得懂、说得通、办得成|all|3
F2|信访接待与矛盾化解|skill|ability|事要解决、人要稳控|lead|4
F3|基层治理|skill|ability|网格化、自治法治德治|lead|3
F4|舆情引导|skill|ability|及时回应、赢得主动|lead|3
F5|防灾减灾|skill|ability|预警、转移、救助|lead|3
F6|民族宗教工作|knowledge|ability|政策把握|county|2
F7|公共服务设计|skill|ability|从群众视角办事|staff|2
F8|征地拆迁与补偿|skill|ability|依法依规、公开透明|lead|3
"""


def _competencies() -> list[tuple[str, str, str, str, str, str, int]]:
    rows = [line.split("|") for line in _TABLE.strip().splitlines()]
    return [(code, name, kind, content, text, who, int(level)) for code, name, kind, content, text, who, level in rows]


COMPETENCIES: Final = _competencies()
PRIORITIES: Final = (
    ("党的创新理论学习教育", "市委常委会年度工作要点", 9, ("B1", "B5"), ()),
    ("推动高质量发展和项目建设", "市委经济工作会议", 8, ("E5", "E6", "E7"), ("county", "township")),
    ("防范化解重大风险", "市委〔示例〕3号", 8, ("D4", "E10", "E15"), ("county", "township")),
    ("数字政府建设", "市政府工作报告", 7, ("D8", "E14"), ()),
    ("整治形式主义为基层减负", "市委办〔示例〕12号", 6, ("C5", "D10"), ()),
    ("信访问题源头治理", "市委政法委专题部署", 6, ("F1", "F2"), ("township",)),
    ("乡村全面振兴", "市委一号文件", 5, ("B8", "F3"), ()),
    ("法治政府建设示范创建", "市政府〔示例〕8号", 5, ("E1", "E2"), ()),
)
_PROBLEMS: Final = """
征地补偿标准衔接不上，协议签不下来|blocked|deep|F8 F2|8
项目前期手续办理周期长，部门之间互为前置|blocked|deep|E5 D6|9
老旧小区改造意见难统一，加装电梯推不动|painful|pressing|E16 F1|7
信访积案当事人诉求超出政策，基层没有办法|painful|pressing|F2|8
网格员任务重，报表多，入户时间少|painful|practice|F3 C5|6
突发暴雨转移群众时说服不了老人|difficult|pressing|F5 F1|7
年轻干部不会和企业谈，招商项目落不了地|difficult|practice|E6|8
数据填报系统太多，重复录入|painful|practice|D8|6
行政执法案卷评查总有程序瑕疵|difficult|practice|E2 E1|7
基层党组织生活质量不高，走过场|painful|party|C7 A6|6
村干部后继乏人，发展党员难|difficult|party|A7|5
重大隐患整改企业不配合|blocked|deep|E10 E1|8
舆情发现晚、回应慢|difficult|practice|F4 D9|7
平台公司债务化解没有思路|difficult|deep|E15 B7|8
人工智能怎么用、哪些不能用，没人讲得清|difficult|practice|E14 E12|6
预算绩效指标不会设|difficult|practice|E3|5
农村集体经济增收办法少|difficult|deep|B8|6
物业矛盾调解依据不足|blocked|pressing|F3 F2|5
秸秆焚烧、散煤治理反弹|painful|practice|E9|4
公文反复修改，写作能力跟不上|difficult|practice|D5|4
跨部门会商议而不决|blocked|deep|D6 D2|6
执法人员一线应急处置经验少|difficult|practice|D4|6
政府采购询价流程不熟|difficult|practice|E4|3
干部不敢担当，怕问责|painful|party|C4|7
警示教育入脑入心不够|painful|party|C8 C3|5
意识形态阵地底数不清|difficult|party|A4|6
统计数据口径不一致|blocked|practice|E11|4
企业用工难与就业难并存|painful|pressing|E7|5
学位紧张，入学矛盾集中|painful|pressing|F1 F7|6
看病远，乡镇卫生院留不住人|painful|pressing|F7|5
退役军人服务政策衔接不畅|blocked|pressing|F7|3
干部调研蜻蜓点水，对策不实|difficult|party|D1|6
涉密文件在微信流转，屡禁不止|painful|practice|E12|7
新入职干部不会做群众工作|difficult|practice|F1|0
老干部数字技能跟不上|difficult|practice|D8|0
征地拆迁补偿协商难|blocked|deep|F8|0
报表多、台账多，占用入户时间|painful|practice|C5|0
党内生活形式化|painful|party|C7|0
隐债化解路径不清|difficult|deep|E15|0
中心城区停车难|painful|pressing|E16|0
"""


def _problems() -> list[tuple[str, str, str, list[str], int]]:
    rows = [line.split("|") for line in _PROBLEMS.strip().splitlines()]
    return [(text, kind, sort, codes.split(), int(weight)) for text, kind, sort, codes, weight in rows]


PROBLEMS: Final = _problems()
ANSWERS: Final = (
    "已会同发改部门梳理并联审批清单，并列入下年度项目管理专题班次。",
    "拟举办招商实务班，采用模拟谈判教学，名额优先安排经济部门。",
    "列入安全生产监管专题班，邀请执法骨干讲授典型案例。",
)
_SUBJECTS: Final = {
    "信访接待": ("群众信访诉求多样，政策解释不到位", "信访积案化解缺少办法", "接访时不知道怎么回应过高诉求", "信访矛盾化解经验不足，容易激化"),
    "数据系统": ("数据系统太多，重复填报", "数字化系统不会用，数据分析不会做", "系统数据不共享，填报耗时", "想学数据分析，把系统里的数据用起来"),
    "项目审批": ("项目审批前期手续复杂，不熟悉流程", "项目手续在部门之间来回跑，审批周期长", "项目前期审批政策变化快，跟不上"),
    "行政执法": ("行政执法程序不规范，案卷常被指出瑕疵", "执法程序和文书规范掌握不牢", "执法对象不配合，现场处置没有底气"),
    "招商引资": ("招商谈判经验少，产业政策不熟", "招商引资不懂产业链，谈判没有底数", "招商项目落地难，谈判技巧不足"),
    "应急处置": ("突发事件应急处置没有演练过", "应急预案看过，突发事件现场指挥心里没底", "应急处置和舆情回应衔接不上"),
    "公文写作": ("公文写作质量不高，反复修改", "公文材料写作逻辑不清，想系统学习写作", "写作任务重，公文格式和语言把握不准"),
    "人工智能": ("人工智能工具不会用，担心泄密", "人工智能应用边界不清楚，想学安全使用", "人工智能办公和保密要求的关系讲不清"),
}  # fmt: skip
TEXTS: Final = [text for texts in _SUBJECTS.values() for text in texts]
