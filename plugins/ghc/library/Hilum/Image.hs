-- | Images from files and from bytes.
module Hilum.Image
    ( image
    , imageBytes
    ) where

import Data.ByteString (ByteString)
import qualified Data.ByteString as Bytes
import qualified Data.ByteString.Char8 as Char8
import qualified Data.Text as Text
import Data.Text.Encoding (decodeUtf8')

import Hilum.Bundle (Bundle, gif, jpeg, plain, png, svg, webp)

-- | The image in a file: PNG, JPEG, GIF, WebP or SVG, which its first bytes tell.
image :: FilePath -> IO Bundle
image path = do
    bytes <- Bytes.readFile path
    case imageBytes bytes of
        Just shown -> pure (shown <> plain path)
        Nothing -> ioError (userError (path ++ ": not a PNG, JPEG, GIF, WebP or SVG image"))

-- | The image that these bytes are, if they are one.
imageBytes :: ByteString -> Maybe Bundle
imageBytes bytes
    | starts "\x89PNG\r\n\x1a\n" = Just (png bytes)
    | starts "\xff\xd8\xff" = Just (jpeg bytes)
    | starts "GIF87a" || starts "GIF89a" = Just (gif bytes)
    | starts "RIFF" && Bytes.take 4 (Bytes.drop 8 bytes) == Char8.pack "WEBP" = Just (webp bytes)
    | otherwise = case decodeUtf8' bytes of
        Right source | Text.pack "<svg" `Text.isInfixOf` Text.take 4096 source ->
            Just (svg (Text.unpack source))
        _ -> Nothing
  where
    starts magic = Char8.pack magic `Bytes.isPrefixOf` bytes
