-- | A value in several forms, each under its MIME type: a frontend shows the best that it can.
module Hilum.Bundle
    ( Bundle
    , Form (..)
    , MimeType
      -- * Making one
    , plain
    , html
    , markdown
    , latex
    , math
    , svg
    , javascript
    , json
    , jsonText
    , png
    , jpeg
    , gif
    , webp
    , mime
    , withMetadata
    , withSize
      -- * Looking into one
    , forms
    , metadata
    , plainText
    , bundleJson
    ) where

import Data.ByteString (ByteString)
import Data.ByteString.Builder (toLazyByteString)
import qualified Data.ByteString.Char8 as Char8
import Data.List (isSuffixOf)
import qualified Data.Text.Lazy as LazyText
import Data.Text.Lazy.Encoding (decodeUtf8)

import Hilum.Base64 (encodeBase64)
import Hilum.Json (ToJson (toJson), Value (Number, Object, String), decode, encode, object)

-- | Such as @text/html@.
type MimeType = String

-- | What stands under a MIME type.
data Form
    = Text String
    | Bytes ByteString
    | Json Value
    deriving (Eq)

-- | Forms of one value. @a <> b@ has the forms of both; where both have one, that of @b@.
data Bundle = Bundle
    { forms :: [(MimeType, Form)]
    , metadata :: [(MimeType, [(String, Value)])]
      -- ^ What frontends want to know about a form, such as an image's width.
    }
    deriving (Eq)

instance Semigroup Bundle where
    Bundle a m <> Bundle b n = Bundle (a `overriddenBy` b) (m `overriddenBy` n)
      where
        old `overriddenBy` new = [entry | entry@(key, _) <- old, key `notElem` map fst new] ++ new

-- | 'mempty' has no form at all: it is not shown.
instance Monoid Bundle where
    mempty = Bundle [] []

instance Show Bundle where
    showsPrec _ bundle = showString ("<" ++ unwords (map fst (forms bundle)) ++ ">")

-- | Text as it is.
plain :: String -> Bundle
plain = mime "text/plain" . Text

html :: String -> Bundle
html = mime "text/html" . Text

markdown :: String -> Bundle
markdown = mime "text/markdown" . Text

-- | LaTeX with its own delimiters: @latex "\\\\begin{align} .. \\\\end{align}"@.
latex :: String -> Bundle
latex = mime "text/latex" . Text

-- | A formula without delimiters, set on a line of its own: @math "e^{i\\\\pi} = -1"@.
math :: String -> Bundle
math formula = latex ("$$" ++ formula ++ "$$")

-- | An SVG image: the text of its @\<svg>@ element.
svg :: String -> Bundle
svg = mime "image/svg+xml" . Text

javascript :: String -> Bundle
javascript = mime "application/javascript" . Text

-- | A value as JSON, which frontends show as a tree.
json :: ToJson a => a -> Bundle
json = mime "application/json" . Json . toJson

-- | JSON that is text already, from a library such as aeson. It is an error if it is not JSON.
jsonText :: String -> Bundle
jsonText text = mime "application/json" (Json (either error id (decode text)))

-- | The bytes of a PNG file.
png :: ByteString -> Bundle
png = mime "image/png" . Bytes

-- | The bytes of a JPEG file.
jpeg :: ByteString -> Bundle
jpeg = mime "image/jpeg" . Bytes

-- | The bytes of a GIF file.
gif :: ByteString -> Bundle
gif = mime "image/gif" . Bytes

-- | The bytes of a WebP file.
webp :: ByteString -> Bundle
webp = mime "image/webp" . Bytes

-- | A form under any MIME type.
mime :: MimeType -> Form -> Bundle
mime name form = Bundle [(name, form)] []

-- | With metadata for each of the bundle's forms.
withMetadata :: [(String, Value)] -> Bundle -> Bundle
withMetadata members bundle = bundle <> Bundle [] [(name, members) | (name, _) <- forms bundle]

-- | Shown with this width and height, in pixels. For images.
withSize :: Int -> Int -> Bundle -> Bundle
withSize width height =
    withMetadata [("width", Number (show width)), ("height", Number (show height))]

-- | The bundle's text, or a text that is made from the best of its other forms.
plainText :: Bundle -> String
plainText bundle = case lookup "text/plain" (forms bundle) of
    Just (Text text) -> text
    _ -> case [text | name <- sources, Just (Text text) <- [lookup name (forms bundle)]] of
        text : _ -> text
        [] -> case [value | (_, Json value) <- forms bundle] of
            value : _ -> jsonSource value
            [] -> show bundle
  where
    sources = ["text/markdown", "text/latex", "text/html"]
    jsonSource = LazyText.unpack . decodeUtf8 . toLazyByteString . encode

-- | The members @data@ and @metadata@ of a message, with @text/plain@ among the data. The limit is
-- the number of characters that this text may have; what is longer is cut, and says so.
bundleJson :: Int -> Bundle -> [(String, Value)]
bundleJson limit bundle =
    [ ("data", Object (plainForm : [(name, value name form) | (name, form) <- others]))
    , ("metadata", Object [(name, object members) | (name, members) <- metadata bundle])
    ]
  where
    others = filter ((/= "text/plain") . fst) (forms bundle)
    plainForm = ("text/plain", String (cut limit (plainText bundle)))
    value name (Text text)
        | isJson name = either (const (String text)) id (decode text)
        | otherwise = String text
    value _ (Bytes bytes) = String (Char8.unpack (encodeBase64 bytes))
    value _ (Json tree) = tree
    isJson name = name == "application/json" || "+json" `isSuffixOf` name

cut :: Int -> String -> String
cut limit text = case splitAt limit text of
    (whole, []) -> whole
    (start, _) -> start ++ "\n... cut after " ++ show limit ++ " characters; print shows all"
