"""Extracts (信息提取): a definition in TOML says which fields a statutory data set has and where each comes from; a new set is data, not code."""
