{-# OPTIONS_GHC -Wincomplete-patterns #-}
first :: [a] -> a
first (a : _) = a