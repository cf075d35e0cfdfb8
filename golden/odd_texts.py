"""Texts on which tokenizers go wrong. What cannot be seen is written as an escape."""

SCRIPTS = [
    "The quick brown fox jumps over the lazy dog.",
    "Voix ambiguë d'un cœur qui, au zéphyr, préfère les jattes de kiwis.",
    "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich; STRASSE, Straße, ẞ.",
    "Pijamalı hasta yağız şoföre çabucak güvendi. İstanbul, ISPARTA, ılık.",
    "Tiếng Việt có nhiều dấu: đặc biệt, nghiên cứu, Nguyễn.",
    "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία· ΟΔΥΣΣΕΥΣ.",
    "نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر ومغلف بجلد أزرق، ١٢٣٤٥.",
    "كتب الطالب والمعلمة بالقلم للمدرسة الألمانية (البرامج)، ال، اللغة، الوالدين، والده، كالشمس.",  # articles
    "פרשת בראשית: שָׁלוֹם עֲלֵיכֶם",
    "ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश, क्षत्रिय ज्ञान १२३।",
    "เป็นมนุษย์สุดประเสริฐเลิศคุณค่า กว่าบรรดาฝูงสัตว์เดรัจฉาน",
    "天地玄黄，宇宙洪荒。日月盈昃，辰宿列张。「繁體字：龍龜」",
    "いろはにほへと ちりぬるを、カタカナとｶﾀｶﾅ、がぎぐげご。",
    "키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다.",
    "\u1112\u1161\u11ab\u1100\u1173\u11af",  # Hangul in single letters: NFC joins them into two syllables
    "სიცოცხლე მშვენიერია, თბილისი.",
    "யாமறிந்த மொழிகளிலே தமிழ்மொழி போல் இனிதாவது எங்கும் காணோம்",
    "Բել դղյակի ձախ ժամն օֆ ազգությանը ցպահանջ չճշտած վնաս էր եւ փառք։",
    "আমি বাংলায় গান গাই। తెలుగు లిపి. ಕನ್ನಡ. മലയാളം. ગુજરાતી. ਪੰਜਾਬੀ",
    "ሰማይ አይታረስ ንጉሥ አይከሰስ። ខ្មែរ. ລາວ. မြန်မာ. བོད་ཡིག. ᠮᠣᠩᠭᠣᠯ",
]

COMPOSITION = [
    "cafe\u0301 nai\u0308ve A\u030a o\u0302\u0323 ế = e\u0302\u0301",  # accents that NFC joins to their letters
    "\u212b \u2126 \u212a \u1e9b\u0323 \uf900 \u0958",  # characters that NFC replaces: Angstrom, Ohm, Kelvin, a qa
    "q\u0307\u0323 z\u0351\u0363\u0334a\u0308\u0308l\u0321g\u0336o",  # marks NFC puts in order, and cannot join
    "ﬁne ﬂow №5 x² ½ Ⅷ ㎏ ＡＢＣ１２３",  # left alone: NFC is not NFKC
]

EMOJI = [
    "👍 👍🏽 ❤️ ☕ 🎉🎉🎉",
    "👨\u200d👩\u200d👧\u200d👦 👩🏿\u200d🚀 🏳️\u200d🌈",  # families and flags glued by zero-width joiners
    "🇩🇪🇯🇵🇧🇷 🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f 1️⃣ #️⃣",
    "𝕳𝖊𝖑𝖑𝖔 𝟙𝟚𝟛 𐍈 𓀀 𠜎 \U0010fffd",
]

SPACE = [
    "",
    " ",
    "   ",
    "\n",
    "\t",
    "a" + " " * 70 + "b",
    " leading and trailing ",
    "two  spaces,   three    four\n\n\nlines \n \n  indented\n\tand tabbed\t\t",
    "line\r\nline\r\n\r\nold mac\rline \r\n  x",
    "\n \n\n a \n\n",
    "no\u00a0break\u2003em\u3000ideographic\u2028line\u2029paragraph\u0085next\u000bvertical\u000cfeed\u1680ogham",
]

INVISIBLE = [
    "\u0000",
    "a\u0000b\u0001c\u0007\u0008\u001b[31m\u007f\u0080\u009f",
    "\ufeffbyte order mark, \ufeffagain",
    "\u200eleft \u200fright \u202eoverride\u202c \u2066isolate\u2069",
    "zero\u200bwidth\u200cnon\u2060joiner\u00adsoft\u034fhyphen",
    "\ufffd \ufffe \uffff \ue000",  # replacement, noncharacters, private use
]

WORDS = [
    "a",
    "é",
    "中",
    "1",
    "I'm you're he'll we've they'd it's don't I'D YOU'LL it’s 'tis rock'n'roll 's",
    "\u017ft's 'ſ \u212am",  # long s and Kelvin sign: equal to s and k when case is ignored, 'ſ is a contraction
    "0 12 345 6789 1234567890 3.14159 1,000,000 1e-6 0xFF ٣ ४ ⅓ 2²",
    "for (let i = 0; i < n; ++i) { x[i] ??= y?.z ?? `${i}`; } // done",
    "def f(x):\n    if x is None:\n        return {'a': [1, 2]}\n\treturn x ** 2  # why\n",
    "SELECT * FROM t WHERE a>=1 AND b!='x';--",
    "<p class=\"a\">Tom &amp; Jerry</p>\n\n<!-- -->",
    "https://example.org/a_b/c-d?q=%20&r=1#frag user.name+tag@example.co.uk C:\\dir\\file.txt",
    "snake_case camelCase HTTPServer SCREAMING_CASE kebab-case x86_64",
    "......!!!???---___===***\n\n...\r\n!! \n$$ €£¥ « » „“ – — … · •",
    "Donaudampfschifffahrtsgesellschaftskapitän pneumonoultramicroscopicsilicovolcanoconiosis",
    "abcabcabc" * 20,
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
]

CONTROL_TOKENS = [
    "a<|embed_token|>b<|rerank_token|>c<|score_token|>",
    " <|embed_token|> \n <|rerank_token|>\n",
    "cafe<|embed_token|>\u0301",  # the token keeps letter and accent apart
    "<|im_start|>user\nhi<|im_end|>\n<|endoftext|>",
    "<think>\n\n</think>\n\n<think></think>",
    "<|rerank<|embed_token|>_token|> <|embed_token| > <|EMBED_TOKEN|>",
    "<|fim_prefix|><|vision_start|><tool_call></tool_call>",  # in one vocabulary, not in the other
    '\n</passage>\n<passage id="12">\n  indented document',
]

TOKENS = [*SCRIPTS, *COMPOSITION, *EMOJI, *SPACE, *INVISIBLE, *WORDS, *CONTROL_TOKENS]
