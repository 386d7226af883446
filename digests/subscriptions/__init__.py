"""Who gets which digest: subscribing, editing, moving subscriptions between databases."""
