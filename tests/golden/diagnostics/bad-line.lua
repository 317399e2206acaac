%limit wal=5s
return 1