-- | Elements with attributes and text, written as XML that is HTML too. All escaping is here.
module Hilum.Markup
    ( Markup
    , element
    , leaf
    , text
    , raw
    , render
    ) where

-- | A piece of markup.
newtype Markup = Markup ShowS

instance Semigroup Markup where
    Markup a <> Markup b = Markup (a . b)

instance Monoid Markup where
    mempty = Markup id

-- | An element with its attributes and what is in it.
element :: String -> [(String, String)] -> Markup -> Markup
element name attributes (Markup inner) = Markup
    (opening name attributes . showChar '>' . inner . showString "</" . showString name . showChar '>')

-- | An element that has nothing in it.
leaf :: String -> [(String, String)] -> Markup
leaf name attributes = Markup (opening name attributes . showString "/>")

-- | Text, escaped.
text :: String -> Markup
text = Markup . escaped

-- | Markup that somebody else wrote, as it is.
raw :: String -> Markup
raw = Markup . showString

render :: Markup -> String
render (Markup write) = write ""

opening :: String -> [(String, String)] -> ShowS
opening name attributes = showChar '<' . showString name . foldr ((.) . attribute) id attributes
  where
    attribute (key, value) =
        showChar ' ' . showString key . showString "=\"" . escaped value . showChar '"'

-- What XML has no way to write, such as control characters, becomes U+FFFD.
escaped :: String -> ShowS
escaped string rest = foldr escape rest string
  where
    escape c after = case c of
        '&' -> "&amp;" ++ after
        '<' -> "&lt;" ++ after
        '>' -> "&gt;" ++ after
        '"' -> "&quot;" ++ after
        _ | isXml c -> c : after
          | otherwise -> '\xFFFD' : after
    isXml c = c >= ' ' && c <= '\xD7FF' || c `elem` "\t\n\r" || c >= '\xE000' && c <= '\xFFFD' || c >= '\x10000'
