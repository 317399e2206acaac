-- config: {"limits": {"cell_wall_seconds": 0.2}}
while true do end