"""All of Broadsheet's SQL; knows nothing of the layers above it."""
