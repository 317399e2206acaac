-- | Bytes as the text that messages carry them in.
module Hilum.Base64 (encodeBase64) where

import Data.Bits (shiftL, shiftR, (.&.), (.|.))
import Data.ByteString (ByteString)
import qualified Data.ByteString as Bytes
import qualified Data.ByteString.Char8 as Char8
import qualified Data.ByteString.Unsafe as Unsafe
import Data.Word (Word8)

-- | With padding and without line breaks.
encodeBase64 :: ByteString -> ByteString
encodeBase64 bytes = fst (Bytes.unfoldrN (groups * 4) step 0)
  where
    size = Bytes.length bytes
    groups = (size + 2) `div` 3
    step :: Int -> Maybe (Word8, Int)
    step i
        | start + position > size = Just (61, i + 1)
        | otherwise = Just (Unsafe.unsafeIndex alphabet (sextet .&. 63), i + 1)
      where
        (group, position) = i `divMod` 4
        start = group * 3
        triple = (at start `shiftL` 16) .|. (at (start + 1) `shiftL` 8) .|. at (start + 2)
        sextet = triple `shiftR` (18 - 6 * position)
    at i
        | i < size = fromIntegral (Unsafe.unsafeIndex bytes i) :: Int
        | otherwise = 0

alphabet :: ByteString
alphabet = Char8.pack (['A' .. 'Z'] ++ ['a' .. 'z'] ++ ['0' .. '9'] ++ "+/")
