"""The queries and documents that the rerankers are run on."""

EMBEDDED = [
    {
        "name": "photo-editor",
        "query": "graphical tool to edit photos and images",
        "documents": [
            "A fast text editor for the terminal, with syntax highlighting and macros.",
            "An image manipulation program: retouch photographs, compose pictures, convert between formats.",
            "Shared library for parsing XML documents. This package contains the development files.",
            "Chess engine that plays at master level; it has no graphical interface of its own.",
        ],
    },
    {
        "name": "ups-tools",
        "query": "USV-Werkzeuge für das Netzwerk - SNMP-Treiber",
        "documents": [
            "Official Amazon Web Services (AWS) SDK for the Go programming language.",
            (
                "ClassMate is a zero-dependency Java library for accurately introspecting type information, "
                "including reliable resolution of generic type declarations for both classes (\"types\") and members "
                "(fields, methods and constructo"
            ),
            "String::RewritePrefix rewrites all of the given strings based on a user-specified set of rules.",
            (
                "libInstPatch stands for lib-Instrument-Patch and is a library for processing digital sample based "
                "MIDI instrument \"patch\" files. The types of files libInstPatch supports are used for creating "
                "instrument sounds for waveta"
            ),
            (
                "Dist::Zilla::LocaleTextDomain provides set of commands for managing internationalization and "
                "localization for Perl modules by using the Locale::TextDomain. You can just use this plugin and get "
                "all the tools you need to s"
            ),
            (
                "Network UPS Tools (NUT) is a client/server monitoring system that allows computers to share "
                "uninterruptible power supply (UPS) and power distribution unit (PDU) hardware. Clients access the "
                "hardware through the server, a"
            ),
            (
                "GtkGLExtmm is a C++ wrapper for GtkGLExt. C++ programmers can use it to write GTK+-based OpenGL "
                "applications using Gtkmm 2.\nThis package contains the development files."
            ),
            (
                "gImageReader is a simple front-end to tesseract-ocr. Tesseract is probably the most accurate open "
                "source optical character recognition (OCR) software and can recognize text in over 60 "
                "languages.\ngImageReader supports aut"
            ),
        ],
    },
    {
        "name": "odd-text",
        "query": "naïve café ☕ 日本語 search — 3½ x²?",
        "documents": [
            "Größe und Übersicht: ein Wörterbuch.\nZweite Zeile, with  two  spaces",
            "x",
            "日本語の辞書を検索するプログラム",
        ],
    },
    {
        "name": "music-player",
        "query": "lecteur de musique léger pour le bureau",
        "documents": [
            "A lightweight music player for the desktop, with playlists and cover art.",
            "Lecteur audio simple et rapide, avec gestion des listes de lecture.",
            "Einfaches Programm zum Abspielen von Musik auf dem Desktop.",
            "Riproduttore musicale leggero con supporto per le radio online.",
            "デスクトップ向けの軽量な音楽プレーヤー",
            "Лёгкий музыкальный проигрыватель с поддержкой плейлистов",
            "데스크톱용 가벼운 음악 재생기",
            "轻量级的桌面音乐播放器，支持播放列表。",
            "Biblioteca para ler e gravar arquivos de áudio.",
            "Bibliothèque partagée pour l'accès aux bases de données.",
            "Narzędzie wiersza poleceń do kompresji plików",
            "Network monitoring daemon that logs traffic to a database.",
        ],
    },
    {
        "name": "scientific-plots",
        "query": "科学データのグラフを描くツール",
        "documents": [
            "Command-line driven interactive plotting program for scientific data.",
            "2D-Plotter für wissenschaftliche Daten, mit Export nach SVG und PDF.",
            "Outil de tracé de courbes pour données scientifiques",
            "科学計算とデータの可視化のためのプログラム",
            "Программа для построения графиков по научным данным",
            "과학 데이터를 그래프로 그리는 도구",
            "一个用于绘制科学数据图表的工具",
            "Інструмент для побудови графіків наукових даних",
            "Verktyg för att rita diagram av mätdata",
            "Gioco di carte per uno o più giocatori.",
            "Fonts for mathematical typesetting; needs TeX.",
            "Værktøj til at brænde cd'er og dvd'er",
        ],
    },
    {
        "name": "two-blocks",  # more than the 125 documents that one block holds
        "query": "image viewer for the terminal",
        "documents": [
            f"{kind} for {thing}"
            for thing in (
                "images", "photos", "music", "video", "text files", "PDF documents", "XML", "maps", "mail", "web pages",
                "archives", "databases", "chess", "the terminal",
            )
            for kind in (
                "Viewer", "Editor", "Converter", "Shared library", "Command-line tool", "Graphical front end",
                "Network server", "Test suite", "Documentation", "Search engine",
            )
        ],
    },
]

FULL = [
    {
        "name": "short",
        "query": "green tea",
        "documents": ["Green tea is rich in antioxidants.", "Basketball is a team sport."],
    },
    {
        "name": "long",
        "query": "What are the health benefits of green tea?",
        "documents": [
            (
                "Green tea contains antioxidants called catechins that may help reduce inflammation and protect cells "
                "from damage."
            ),
            "El precio del café ha aumentado un 20% este año debido a problemas en la cadena de suministro.",
            (
                "绿茶富含儿茶素等抗氧化剂，可以降低心脏病风险，还有助于控制体重。研究人员追踪了四万名成年人十一年，"
                "发现每天喝五杯以上的人死亡率较低。"
            ),
            "Le thé vert est riche en antioxydants et peut améliorer la fonction cérébrale.",
            "緑茶に含まれるカテキンには、血中コレステロールを下げる働きがあると報告されています。",
            (
                "Зелёный чай содержит кофеин и аминокислоту L-теанин; вместе они повышают внимание, но не вызывают "
                "нервозности, как кофе."
            ),
            "يحتوي الشاي الأخضر على مضادات أكسدة قد تقلل من خطر الإصابة بأمراض القلب.",
            "Basketball is one of the most popular sports in the United States.",
            "हरी चाय पीने से पाचन में सुधार होता है और वज़न घटाने में मदद मिल सकती है।",
            "Grüner Tee wird nicht fermentiert; deshalb bleiben fast alle Wirkstoffe des frischen Blattes erhalten.",
            "녹차는 혈당 수치를 조절하고 구강 건강에 도움이 되는 것으로 알려져 있다.",
            "def steep(minutes):\n    return \"bitter\" if minutes > 3 else \"fine\"\n",
        ],
    },
]
