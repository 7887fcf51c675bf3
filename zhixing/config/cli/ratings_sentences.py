"""What the commands of ratings say, in both languages, for they need no installation and no catalogue: Chinese, English."""

from __future__ import annotations

from typing import Final

from zhixing.engine.ratings import design, ranking, sheets

WORDS: Final[dict[str, tuple[str, str]]] = {
    design.FaultCode.MISSING_COLUMN: (
        "没有这一列：请补上，或去掉",
        "the column is missing: add it or leave it out",
    ),
    design.FaultCode.NOT_A_NUMBER: (
        "“{value}”不是可以计算的数：请写有限的数，或将单元格留空",
        "{value} is no number to reckon with: write a finite one, or leave the cell empty",
    ),
    design.FaultCode.EMPTY: (
        "单元格是空的：请填写，或去掉这条评分",
        "the cell is empty: fill it in or leave the rating out",
    ),
    design.FaultCode.NO_RATINGS: (
        "没有一条评分有分数：无从估计",
        "no rating has a response: there is nothing to fit",
    ),
    design.FaultCode.FEW_RATINGS: (
        "评分不比固定项多（{value}）：请增加评分，或减少固定项",
        "there are no more ratings than fixed terms ({value}): bring more ratings or fewer terms",
    ),
    design.FaultCode.PRODUCT_ALONE: (
        "这个乘积项中的 {value} 没有单独列入：请在 --fixed 中也写上它",
        "{value} stands in this product, but not by itself: name it in --fixed as well",
    ),
    design.FaultCode.ONE_EACH: (
        "共 {value} 条评分，这个分组因素的每个水平只有一条：它与残差无法区分，请去掉它",
        "{value} ratings, and each level of this factor has one only: it cannot be told from the residual; leave it out",
    ),
    design.FaultCode.SAME_FACTOR: (
        "这个分组因素与 {value} 的分法完全相同：请去掉其中一个",
        "the factor parts the ratings in the same way as {value}: leave one of the two out",
    ),
    design.FaultCode.DEPENDENT_TERM: (
        "这个固定项可由其他固定项推出：请去掉",
        "the other fixed terms tell this one: leave it out",
    ),
    ranking.FaultCode.UNKNOWN_FACTOR: (
        "--of 不在 --crossed（{value}）之中：请选其中之一",
        "--of is not among --crossed ({value}): name one of them",
    ),
    ranking.FaultCode.ONE_LEVEL: (
        "只有一个水平（{value}），无从比较：请去掉这个因素，或补上其他水平的评分",
        "there is one level only ({value}), nothing to compare: leave the factor out, or bring ratings of others",
    ),
    ranking.FaultCode.NO_DIFFERENCES: (
        "所有评分都一样（或都由固定项说明）：分不出高下，不给位次",
        "all ratings are equal, or told by the fixed terms: nothing parts the levels, so there is no ranking",
    ),
    ranking.FaultCode.TOO_MANY: (
        "末位或首位的个数不小于水平的个数（{value}）：请减小 --bottom 或 --top",
        "as many at the bottom or the top as there are levels ({value}): lower --bottom or --top",
    ),
    sheets.FaultCode.TWICE: ("这一列写了两次：请留一个", "the column stands twice: leave one"),
    sheets.FaultCode.OFF_SCALE: ("{value} 不在量表之内：请更正", "{value} lies off the scale: mend it"),
    sheets.FaultCode.NO_ANSWERS: (
        "这一列没有一个答案：请去掉这一列",
        "nobody has answered: leave the column out",
    ),
    sheets.FaultCode.FEW_COLUMNS: (
        "只有 {value} 列：至少要两个题目（或两名评分人）",
        "there is {value} column: two items, or two raters, are the least",
    ),
    sheets.FaultCode.FEW_SHEETS: (
        "答卷太少（{value}）：请增加答卷，或去掉少有人答的题目",
        "there are too few sheets ({value}): bring more, or leave out what few have answered",
    ),
    sheets.FaultCode.ALL_EQUAL: (
        "所有答案都一样：无从计算信度",
        "all answers are equal: nothing tells of reliability",
    ),
    sheets.FaultCode.NOT_POSITIVE: (
        "比率尺度不能有负数（{value}）：请改用 --measure interval",
        "a ratio scale has no negative values ({value}): take --measure interval",
    ),
    sheets.FaultCode.EMPTY_GROUP: (
        "这份答卷没有写明分组：请填写",
        "the sheet names no group: fill it in",
    ),
    sheets.FaultCode.ONE_GROUP: (
        "有答案的组只有 {value} 个：至少要两组",
        "{value} group has answers: two are the least",
    ),
    sheets.FaultCode.MANY_VALUES: (
        "不同的数值太多（{value}）：请改用 --measure interval",
        "there are too many different values ({value}): take --measure interval",
    ),
    sheets.FaultCode.NEVER_TOGETHER: (
        "没有一个对象由两名评分人评过：无从比较",
        "no unit has been rated by two raters: nothing can be compared",
    ),
    "row": ("，第 {row} 行", ", row {row}"),
    "column": ("，列 {column}", ", column {column}"),
    "more": ("（还有 {more} 行）", " (and {more} more rows)"),
    "colon": ("：", ": "),
    "no_folder": ("{folder}：文件夹不存在，请先建立", "{folder}: the folder does not exist: make it first"),
    "headings": ("文件里的列是：{names}", "the columns of the file are: {names}"),
    "folder": ("这是文件夹：请指定一个 CSV 文件", "this is a folder: name one CSV file"),
    "empty_file": (
        "文件是空的：第一行应是列名，下面是数据",
        "the file is empty: it needs a row of headings and rows below",
    ),
    "workbook": ("这是 Excel 工作簿：请另存为 CSV（UTF-8）", "this is an Excel workbook: save it as CSV (UTF-8)"),
    "parquet": ("这是 Parquet 文件：请导出为 CSV", "this is a Parquet file: write the table as CSV"),
    "ragged": (
        "第 {row} 行有 {got} 格，列名有 {expected} 个：请更正这一行",
        "row {row} has {got} cells, the headings are {expected}: mend the row",
    ),
    "no_csv": (
        "不是 CSV 文件（{error}）：请存为 UTF-8 的 CSV",
        "this is no CSV file ({error}): write the table as CSV in UTF-8",
    ),
    "tells_itself": (
        "{response} 既是分数，又在 --fixed 或 --crossed 之中：请去掉其一",
        "{response} is the response and stands in --fixed or --crossed: leave one of the two out",
    ),
    "lone_factors": (
        "只有一个水平的因素：{factors}；没有可比的，与总均值分不开",
        "with one level only: {factors}; there is nothing to compare it with, it cannot be told from the mean of all",
    ),
    "nothing_differs": (
        "所有评分都一样，或都由固定项说明：谁高谁低无从说起",
        "all ratings are equal, or told by the fixed terms: nothing parts anybody",
    ),
    "no_scale": (
        "--scale“{value}”不是量表：请写成“最低:最高”，例如 1:5",
        "--scale {value}: this is no scale: write LOW:HIGH, such as 1:5",
    ),
    "scale_needed": (
        "{option} 需要知道量表：请加 --scale，例如 --scale 1:5",
        "{option} needs the scale: add --scale, such as --scale 1:5",
    ),
    "not_among": (
        "{option}：{value} 不在所选的列之中",
        "{option}: {value} is not among the columns",
    ),
    "no_limit": (
        "--limit“{value}”看不懂：请写成“名称=数”或“名称=off”，名称是 {names} 之一",
        "--limit {value}: write NAME=NUMBER or NAME=off, with a name among {names}",
    ),
    "named_twice": ("{option}：{names} 写了两次，请留一个", "{option}: {names} stands twice: leave one"),
    "master_alone": (
        "--master 指明 Spark 主节点：请加 --engine spark，或去掉 --master",
        "--master names a Spark master: add --engine spark, or leave it out",
    ),
    "no_spark": (
        "Spark 不能启动（{error}）：请安装 Java 17 和 pip install 'zhixing[scale]'",
        "{error}: install the extra with pip install 'zhixing[scale]' and Java 17",
    ),
    "fitted": (
        "{out}：{n} 条评分，{steps} 次迭代，残差方差 {residual:.6g}",
        "{out}: {n} ratings, {steps} iterations, residual variance {residual:.6g}",
    ),
    "sampled": (
        "水平很多，方差和标准误由抽样估计：抽样误差分别约 {open:.2g}% 和 {errors:.2g}%（fit.json 的 sampling）",
        "with so many levels variances and standard errors are sampled: to about {open:.2g} % and {errors:.2g} % (fit.json, sampling)",
    ),
    "nothing_left": (
        "各因素的水平已完全决定每条评分，残差方差为零：没有误差可据以判断，标准误和区间只是下限",
        "the levels of the factors tell every rating and leave nothing to the residual: standard errors and intervals are no more than lower limits",
    ),
    "no_variance": (
        "方差为零的因素：{factors}；其各水平分不出差别，其余照常估计",
        "without variance: {factors}; its levels cannot be told apart, the rest is fitted all the same",
    ),
    "ranked": (
        "{out}：{factor} 的 {levels} 个水平，{n} 条评分；概率的抽样误差不超过 {error:.1f} 个百分点",
        "{out}: {levels} levels of {factor} from {n} ratings; a probability has a Monte Carlo error of up to {error:.1f} points",
    ),
    "none_apart": ("没有两个能分出高下", "no two of them can be told apart"),
    "tie_groups": (
        "分不出高下的组共 {groups} 个（一个水平可在几个组中）",
        "they form {groups} tie groups (a level may stand in several)",
    ),
    "no_tie_groups": ("水平太多，不列分不出高下的组", "they are too many for tie groups"),
    "singular": (
        "{factor} 的方差为零：位次全凭偶然，请勿公布",
        "the variance of {factor} is zero at its likeliest: ranks are all but chance, do not publish them",
    ),
    "left_out": ("{count} 条没有分数，未计入", "{count} without a response left out"),
    "doubled": (
        "{count} 条与前面某一条完全相同，照常计入；如系重复录入，请删去后重算",
        "{count} say in all columns what another says, and count: if they were entered twice, remove them and fit again",
    ),
    "items": (
        "{out}：{items} 个题目，{sheets} 份答卷，α = {alpha:.3f}（{lower:.3f} 至 {upper:.3f}）",
        "{out}: {items} items, {sheets} sheets, α = {alpha:.3f} ({lower:.3f} to {upper:.3f})",
    ),
    "raters": (
        "{out}：{units} 个对象，{answers} 个评分，克里彭多夫 α = {alpha:.3f}",
        "{out}: {units} units, {answers} ratings, Krippendorff's α = {alpha:.3f}",
    ),
    "screened": (
        "{out}：{sheets} 份答卷，{aside} 份有 {signs} 个以上迹象、可搁置；含与不含这些答卷的均值都已列出，由人决定用哪一个",
        "{out}: {sheets} sheets, {aside} with {signs} signs or more may be set aside; means stand with and without them, a person decides",
    ),
}


def say(lang: str, key: str, **values: object) -> str:
    """The sentence of a code or key in ``zh`` or ``en``. Codes of one word in two modules mean the same."""
    chinese, english = WORDS[key]
    return (english if lang == "en" else chinese).format(**values)


def place(lang: str, path: object, row: int = 0, column: str = "") -> str:
    """Where a fault is: file, row, column, as far as known."""
    said = (
        str(path) + (say(lang, "row", row=row) if row else "") + (say(lang, "column", column=column) if column else "")
    )
    return said + say(lang, "colon")


def fault(lang: str, path: object, found: design.Fault | sheets.Fault) -> str:
    """File, row of the file, column, value and what to do."""
    more = say(lang, "more", more=found.more) if found.more else ""
    return (
        place(lang, path, found.row and found.row + 1, found.column) + say(lang, found.code, value=found.value) + more
    )
