-- | Contents of messages: looking up members of what came, bytes of what goes.
--
-- The JSON itself is the display library's. Not aeson: this program is also built for a GHC that
-- the user brought, which has nothing but the packages that GHC ships with.
module Json
  ( Value (..)
  , object
  , (.=)
  , encodeBytes
  , decodeBytes
  , field
  , asText
  , asInt
  , asBool
  , asTexts
  ) where

import qualified Data.ByteString as B
import qualified Data.ByteString.Builder as Builder
import qualified Data.ByteString.Lazy as Lazy
import Data.Maybe (fromMaybe, mapMaybe)
import qualified Data.Text as T
import qualified Data.Text.Encoding as T
import Hilum.Json (Value (..), decode, encode, object, (.=))
import Text.Read (readMaybe)

-- | As JSON text in UTF-8, without line breaks.
encodeBytes :: Value -> B.ByteString
encodeBytes = Lazy.toStrict . Builder.toLazyByteString . encode

-- | The value; what is wrong otherwise.
decodeBytes :: B.ByteString -> Either String Value
decodeBytes bytes = case T.decodeUtf8' bytes of
  Left _ -> Left "JSON: not UTF-8"
  Right text -> decode (T.unpack text)

-- | The member of an object; 'Null' when it is absent or this is no object.
field :: String -> Value -> Value
field name (Object members) = fromMaybe Null (lookup name members)
field _ _ = Null

-- | The characters of a string.
asText :: Value -> Maybe String
asText (String text) = Just text
asText _ = Nothing

-- | A whole number that fits.
asInt :: Value -> Maybe Int
asInt (Number digits) = readMaybe digits
asInt _ = Nothing

-- | A boolean.
asBool :: Value -> Maybe Bool
asBool (Bool value) = Just value
asBool _ = Nothing

-- | The strings of an array of strings; a single string is an array of one.
asTexts :: Value -> [String]
asTexts (Array items) = mapMaybe asText items
asTexts (String text) = [text]
asTexts _ = []
