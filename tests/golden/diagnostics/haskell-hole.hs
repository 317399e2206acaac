f :: Int -> Int
f n = _ + n