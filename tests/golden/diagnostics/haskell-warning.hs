:set -Wunused-matches
f :: Int -> Int
f x = 1