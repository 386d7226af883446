"""From a due edition to its messages: the planner, the outbox, the sender, and what wakes and tidies them."""
