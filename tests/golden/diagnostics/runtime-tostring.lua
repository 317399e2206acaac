local E = setmetatable({}, {__name = 'HttpError', __tostring = function() return '404 not found' end})
error(E)