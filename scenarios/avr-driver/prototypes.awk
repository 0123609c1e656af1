# Turns the .ino files of one sketch into C++: includes <Arduino.h>, declares every function before the first
# one is defined, and keeps file and line of the original in `#line`.
#
# A function is what stands before a `{` at the outermost level and looks like `type name(arguments)`. Left
# out, as by Arduino's builder: templates, members (`A::b`) and functions with default arguments. A prototype
# stands under the same #if as its function.

# Forgets the text since the last `;`, `{` or `}`.
function forget() { text = ""; text_line = 0 }

function directive(line) {
    if (line ~ /^[ \t]*#[ \t]*if/) condition[++nested] = line
    else if (line ~ /^[ \t]*#[ \t]*el/) condition[nested] = condition[nested] "\n" line
    else if (line ~ /^[ \t]*#[ \t]*endif/ && nested > 0) nested--
}

function definition(    i, open, close_) {
    gsub(/[ \t\r]+/, " ", text)
    sub(/^ /, "", text)
    if (text !~ /^[A-Za-z_][A-Za-z0-9_<>:,*& ]*[ *&][A-Za-z_][A-Za-z0-9_]* ?\([^=]*\) ?$/) return
    if (text ~ /^(template|namespace|extern|typedef|else|do)[ <]/) return
    sub(/ $/, "", text)
    open = ""
    close_ = ""
    for (i = 1; i <= nested; i++) {
        open = open condition[i] "\n"
        close_ = close_ "#endif\n"
    }
    prototypes = prototypes open text ";\n" close_
    # The place of the first function; one that is under no condition is better.
    if (!place || (place_nested && !nested)) { place = text_line; place_nested = nested }
}

# Reads one line of code: comments, strings and characters hold no braces.
function scan(line,    i, c, two) {
    for (i = 1; i <= length(line); i++) {
        c = substr(line, i, 1)
        two = substr(line, i, 2)
        if (in_comment) {
            if (two == "*/") { in_comment = 0; i++ }
        } else if (two == "//") {
            break
        } else if (two == "/*") {
            in_comment = 1
            i++
        } else if (c == "\"" || c == "'") {
            for (i++; i <= length(line) && substr(line, i, 1) != c; i++) if (substr(line, i, 1) == "\\") i++
            if (!depth) text = text "=" # a literal at the outermost level: no function
        } else if (c == "{") {
            if (!depth++) definition()
            forget()
        } else if (c == "}") {
            if (depth) depth--
            forget()
        } else if (!depth && c == ";") {
            forget()
        } else if (!depth) {
            if (!text_line && c !~ /[ \t\r]/) text_line = NR
            text = text c
        }
    }
    if (!depth) text = text " "
}

{
    source[NR] = $0
    file[NR] = FILENAME
    number[NR] = FNR
    if (continued || (!in_comment && $0 ~ /^[ \t]*#/)) {
        if (!continued) directive($0)
        else if (nested && was_condition) condition[nested] = condition[nested] "\n" $0
        if (!continued) was_condition = $0 ~ /^[ \t]*#[ \t]*(if|el)/
        continued = $0 ~ /\\\r?$/
        if ($0 ~ /\/\*/ && $0 !~ /\*\//) in_comment = 1
    } else {
        scan($0)
    }
}

END {
    print "#include <Arduino.h>"
    for (i = 1; i <= NR; i++) {
        if (i == place) printf "%s", prototypes
        if (i == 1 || i == place || file[i] != file[i - 1]) printf "#line %d \"%s\"\n", number[i], file[i]
        print source[i]
    }
}
