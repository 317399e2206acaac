1
let Just y = Nothing :: Maybe Int
y