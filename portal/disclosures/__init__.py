"""Fund accounts (基金公告): figures as they were published, checked, in editions, for people and for machines."""
