"""Every write of the app; others call these names."""

from zhixing.obligations.actions.appeals import appeal_entry, decide_entry_appeal
from zhixing.obligations.actions.exemptions import NewExemption, add_exemption, withdraw_exemption
from zhixing.obligations.actions.external import (
    Measured,
    NewExternalTraining,
    approve_external,
    record_external,
    refuse_external,
)
from zhixing.obligations.actions.history import book_history, drop_history, import_history
from zhixing.obligations.actions.ledger import NewCredit, post_credit, post_credits, reverse_entry
from zhixing.obligations.actions.merging import merge_ledgers
from zhixing.obligations.actions.policies import (
    compare_policy,
    gaps_of,
    install_policy,
    install_shipped_policy,
    read_policy,
    sign_policy,
)
from zhixing.obligations.actions.standings import (
    ask_refresh,
    enqueue_refresh,
    refresh_standings,
    refresh_when_stale,
)

__all__ = [
    "Measured",
    "NewCredit",
    "NewExemption",
    "NewExternalTraining",
    "add_exemption",
    "appeal_entry",
    "approve_external",
    "ask_refresh",
    "book_history",
    "compare_policy",
    "decide_entry_appeal",
    "drop_history",
    "enqueue_refresh",
    "gaps_of",
    "import_history",
    "install_policy",
    "install_shipped_policy",
    "merge_ledgers",
    "post_credit",
    "post_credits",
    "read_policy",
    "record_external",
    "refresh_standings",
    "refresh_when_stale",
    "refuse_external",
    "reverse_entry",
    "sign_policy",
    "withdraw_exemption",
]
