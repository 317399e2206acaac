local config = {}
local function port()
    return config.server.port
end
print(port())