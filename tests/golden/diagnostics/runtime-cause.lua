local function read()
    error('disk is full')
end
local ok, why = pcall(read)
error({message = 'cannot save', cause = {message = 'cannot write', cause = why}})