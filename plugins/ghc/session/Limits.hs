{-# LANGUAGE CApiFFI #-}
-- | Limits that the runtime keeps.
module Limits (setHeapLimit, parseSize) where

import Data.Char (isDigit, toLower)
import Data.Word (Word64)

foreign import capi unsafe "link.h hilum_heap_limit"
  c_heapLimit :: Word64 -> IO ()

-- | A heap above so many bytes raises 'Control.Exception.HeapOverflow' from now on.
setHeapLimit :: Word64 -> IO ()
setHeapLimit = c_heapLimit

-- | Reads a size such as @2g@, @512m@, @64k@ or a number of bytes.
parseSize :: String -> Maybe Word64
parseSize size = case span isDigit size of
  (digits@(_ : _), unit) | Just factor <- lookup (map toLower unit) units -> Just (read digits * factor)
  _ -> Nothing
  where
    units =
      [(name ++ suffix, factor) | (name, factor) <- scales, suffix <- ["", "b", "ib"]] ++ [("", 1), ("b", 1)]
    scales = [("k", 1024), ("m", 1024 ^ (2 :: Int)), ("g", 1024 ^ (3 :: Int))]
