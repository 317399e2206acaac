-- | JSON as a value: enough to write what a message needs and to show users' own data.
module Hilum.Json
    ( Value (..)
    , ToJson (..)
    , object
    , (.=)
    , encode
    , encodeString
    , decode
    ) where

import Data.ByteString.Builder (Builder, byteString, char7, charUtf8, string7)
import qualified Data.ByteString.Char8 as Bytes
import Data.Char (chr, isDigit, isHexDigit, ord)
import Data.Int (Int16, Int32, Int64, Int8)
import Data.List (intersperse)
import Data.List.NonEmpty (NonEmpty, toList)
import qualified Data.Map as Map
import qualified Data.Set as Set
import qualified Data.Text as Text
import qualified Data.Text.Lazy as LazyText
import Data.Word (Word16, Word32, Word64, Word8)
import Numeric (readHex)

-- | A number is kept as it was written, so that none loses digits.
data Value
    = Null
    | Bool Bool
    | Number String
    | String String
    | Array [Value]
    | Object [(String, Value)]
    deriving (Eq, Show)

-- | Types that have a JSON form.
class ToJson a where
    toJson :: a -> Value

    -- | What makes a 'String' a JSON string and any other list an array.
    listToJson :: [a] -> Value
    listToJson = Array . map toJson

instance ToJson Value where toJson = id
instance ToJson () where toJson () = Array []
instance ToJson Bool where toJson = Bool

instance ToJson Char where
    toJson c = String [c]
    listToJson = String

instance ToJson Text.Text where toJson = String . Text.unpack
instance ToJson LazyText.Text where toJson = String . LazyText.unpack
instance ToJson Integer where toJson = Number . show
instance ToJson Int where toJson = Number . show
instance ToJson Int8 where toJson = Number . show
instance ToJson Int16 where toJson = Number . show
instance ToJson Int32 where toJson = Number . show
instance ToJson Int64 where toJson = Number . show
instance ToJson Word where toJson = Number . show
instance ToJson Word8 where toJson = Number . show
instance ToJson Word16 where toJson = Number . show
instance ToJson Word32 where toJson = Number . show
instance ToJson Word64 where toJson = Number . show
instance ToJson Double where toJson = fractional
instance ToJson Float where toJson = fractional

instance ToJson a => ToJson [a] where toJson = listToJson
instance ToJson a => ToJson (NonEmpty a) where toJson = listToJson . toList
instance ToJson a => ToJson (Set.Set a) where toJson = listToJson . Set.toList
instance ToJson a => ToJson (Maybe a) where toJson = maybe Null toJson
instance (ToJson a, ToJson b) => ToJson (Either a b) where
    toJson = either (\a -> object ["Left" .= a]) (\b -> object ["Right" .= b])
instance (ToJson a, ToJson b) => ToJson (a, b) where
    toJson (a, b) = Array [toJson a, toJson b]
instance (ToJson a, ToJson b, ToJson c) => ToJson (a, b, c) where
    toJson (a, b, c) = Array [toJson a, toJson b, toJson c]
instance (ToJson a, ToJson b, ToJson c, ToJson d) => ToJson (a, b, c, d) where
    toJson (a, b, c, d) = Array [toJson a, toJson b, toJson c, toJson d]

-- | With keys that are JSON strings an object, otherwise a list of pairs.
instance (ToJson k, ToJson v) => ToJson (Map.Map k v) where
    toJson entries = maybe pairs Object (mapM named (Map.toList entries))
      where
        named (key, value) = case toJson key of
            String name -> Just (name, toJson value)
            _ -> Nothing
        pairs = Array [Array [toJson k, toJson v] | (k, v) <- Map.toList entries]

-- | JSON has neither NaN nor infinities: they are null.
fractional :: (RealFloat a, Show a) => a -> Value
fractional x
    | isNaN x || isInfinite x = Null
    | otherwise = Number (show x)

-- | An object of these members, in this order.
object :: [(String, Value)] -> Value
object = Object

infixr 8 .=

-- | A member of an 'object'.
(.=) :: ToJson a => String -> a -> (String, Value)
name .= value = (name, toJson value)

-- | As JSON text, without spaces.
encode :: Value -> Builder
encode value = case value of
    Null -> string7 "null"
    Bool True -> string7 "true"
    Bool False -> string7 "false"
    Number digits -> string7 digits
    String text -> encodeString text
    Array items -> char7 '[' <> commas (map encode items) <> char7 ']'
    Object members -> char7 '{' <> commas (map member members) <> char7 '}'
  where
    commas = mconcat . intersperse (char7 ',')
    member (name, item) = encodeString name <> char7 ':' <> encode item

-- | As a JSON string. Half of a surrogate pair, which UTF-8 does not have, becomes U+FFFD.
encodeString :: String -> Builder
encodeString text = char7 '"' <> foldMap escape text <> char7 '"'
  where
    escape '"' = string7 "\\\""
    escape '\\' = string7 "\\\\"
    escape '\n' = string7 "\\n"
    escape c
        | c < ' ' || c == '\DEL' = byteString (Bytes.pack (unicode (ord c)))
        | c >= '\xD800' && c <= '\xDFFF' = charUtf8 '\xFFFD'
        | otherwise = charUtf8 c
    unicode n = "\\u00" ++ [digit (n `div` 16), digit (n `mod` 16)]
    digit n = "0123456789abcdef" !! n

-- | The value that a JSON text stands for, or what is wrong with the text and at which character.
decode :: String -> Either String Value
decode text = do
    (value, rest) <- parseValue 0 (skipSpace text)
    case skipSpace rest of
        [] -> Right value
        extra -> bad "the end of the text" extra
  where
    parseValue :: Int -> String -> Either String (Value, String)
    parseValue depth input
        | depth > 200 = bad "at most 200 levels" input
        | otherwise = case input of
            '{' : rest -> members depth (skipSpace rest)
            '[' : rest -> items depth (skipSpace rest)
            '"' : rest -> firstOf String <$> parseString rest
            't' : 'r' : 'u' : 'e' : rest -> Right (Bool True, rest)
            'f' : 'a' : 'l' : 's' : 'e' : rest -> Right (Bool False, rest)
            'n' : 'u' : 'l' : 'l' : rest -> Right (Null, rest)
            _ -> firstOf Number <$> parseNumber input

    firstOf f (a, rest) = (f a, rest)

    items _ (']' : rest) = Right (Array [], rest)
    items depth input = do
        (value, rest) <- parseValue (depth + 1) input
        case skipSpace rest of
            ']' : after -> Right (Array [value], after)
            ',' : after -> do
                (more, end) <- parseValue depth ('[' : refuseEnd ']' (skipSpace after))
                Right (prepend value more, end)
            other -> bad "`,` or `]`" other

    members _ ('}' : rest) = Right (Object [], rest)
    members depth ('"' : input) = do
        (name, rest) <- parseString input
        value <- expect ':' (skipSpace rest)
        (item, after) <- parseValue (depth + 1) (skipSpace value)
        case skipSpace after of
            '}' : end -> Right (Object [(name, item)], end)
            ',' : more -> do
                (others, end) <- parseValue depth ('{' : refuseEnd '}' (skipSpace more))
                Right (prependMember (name, item) others, end)
            other -> bad "`,` or `}`" other
    members _ other = bad "a name in quotes" other

    -- A comma is followed by another item, which this makes the parser insist on.
    refuseEnd close input@(c : _) | c == close = '\0' : input
    refuseEnd _ input = input

    prepend value (Array more) = Array (value : more)
    prepend value other = Array [value, other]
    prependMember member (Object more) = Object (member : more)
    prependMember member _ = Object [member]

    expect c (d : rest) | c == d = Right rest
    expect c input = bad ['`', c, '`'] input

    parseString :: String -> Either String (String, String)
    parseString input = case input of
        '"' : rest -> Right ([], rest)
        '\\' : 'u' : rest -> do
            (unit, after) <- hexUnit rest
            (c, end) <- surrogate unit after
            continue c end
        '\\' : c : rest | Just plain <- lookup c escapes -> continue plain rest
        c : rest | c >= ' ' && c /= '\\' -> continue c rest
        _ -> bad "a character of a string or `\"`" input
      where
        continue c rest = firstOf (c :) <$> parseString rest
    escapes = zip "\"\\/bfnrt" "\"\\/\b\f\n\r\t"

    hexUnit digits
        | length unit == 4 && all isHexDigit unit = Right (fst (head (readHex unit)), drop 4 digits)
        | otherwise = bad "four hexadecimal digits" digits
      where
        unit = take 4 digits
    surrogate high ('\\' : 'u' : rest)
        | high >= 0xD800 && high < 0xDC00 = do
            (low, end) <- hexUnit rest
            if low >= 0xDC00 && low < 0xE000
                then Right (chr (0x10000 + (high - 0xD800) * 0x400 + (low - 0xDC00)), end)
                else bad "the second half of a pair" rest
    surrogate unit rest = Right (chr unit, rest)

    parseNumber :: String -> Either String (String, String)
    parseNumber input
        | null whole || leadingZero || emptyFraction || emptyExponent = bad "a value" input
        | otherwise = Right (sign ++ whole ++ fraction ++ power, afterPower)
      where
        (sign, unsigned) = splitAt (length (takeWhile (== '-') (take 1 input))) input
        (whole, afterWhole) = span isDigit unsigned
        leadingZero = take 1 whole == "0" && length whole > 1
        (fraction, afterFraction) = case afterWhole of
            '.' : rest -> let (digits, after) = span isDigit rest in ('.' : digits, after)
            _ -> ("", afterWhole)
        emptyFraction = fraction == "."
        (power, afterPower) = case afterFraction of
            e : rest | e `elem` "eE" ->
                let (mark, digits) = splitAt (length (takeWhile (`elem` "+-") (take 1 rest))) rest
                    (number, after) = span isDigit digits
                in (e : mark ++ number, after)
            _ -> ("", afterFraction)
        emptyExponent = not (null power) && not (isDigit (last power))

    skipSpace = dropWhile (`elem` " \t\r\n")

    bad :: String -> String -> Either String a
    bad expected rest = Left ("JSON: expected " ++ expected ++ " at character "
        ++ show (length text - length (filter (/= '\0') rest) + 1))
