data Colour = Red | Green
Red == Green