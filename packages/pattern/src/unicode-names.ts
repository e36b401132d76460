/** Names of the Unicode standard that `\p{…}` may use, in the spelling native patterns want. Aliases stand behind `=`. */

/** Without Surrogate: the texts of the reference hold none, so it does not know that category. */
const CATEGORIES =
  'Any ASCII Assigned Cased_Letter=LC Close_Punctuation=Pe Connector_Punctuation=Pc Control=Cc=cntrl ' +
  'Currency_Symbol=Sc Dash_Punctuation=Pd Decimal_Number=Nd=digit Enclosing_Mark=Me Final_Punctuation=Pf Format=Cf ' +
  'Initial_Punctuation=Pi Letter=L Letter_Number=Nl Line_Separator=Zl Lowercase_Letter=Ll Mark=M=Combining_Mark ' +
  'Math_Symbol=Sm Modifier_Letter=Lm Modifier_Symbol=Sk Nonspacing_Mark=Mn Number=N Open_Punctuation=Ps Other=C ' +
  'Other_Letter=Lo Other_Number=No Other_Punctuation=Po Other_Symbol=So Paragraph_Separator=Zp Private_Use=Co ' +
  'Punctuation=P=punct Separator=Z Space_Separator=Zs Spacing_Mark=Mc Symbol=S Titlecase_Letter=Lt Unassigned=Cn ' +
  'Uppercase_Letter=Lu';

const BINARY =
  'ASCII_Hex_Digit=AHex Alphabetic=Alpha Bidi_Control=Bidi_C Bidi_Mirrored=Bidi_M Case_Ignorable=CI Cased ' +
  'Changes_When_Casefolded=CWCF Changes_When_Casemapped=CWCM Changes_When_Lowercased=CWL ' +
  'Changes_When_Titlecased=CWT Changes_When_Uppercased=CWU Dash Default_Ignorable_Code_Point=DI Deprecated=Dep ' +
  'Diacritic=Dia Emoji Emoji_Component=EComp Emoji_Modifier=EMod Emoji_Modifier_Base=EBase ' +
  'Emoji_Presentation=EPres Extended_Pictographic=ExtPict Extender=Ext Grapheme_Base=Gr_Base ' +
  'Grapheme_Extend=Gr_Ext Hex_Digit=Hex IDS_Binary_Operator=IDSB IDS_Trinary_Operator=IDST ID_Continue=IDC ' +
  'ID_Start=IDS Ideographic=Ideo Join_Control=Join_C Logical_Order_Exception=LOE Lowercase=Lower Math ' +
  'Noncharacter_Code_Point=NChar Pattern_Syntax=Pat_Syn Pattern_White_Space=Pat_WS Quotation_Mark=QMark Radical ' +
  'Regional_Indicator=RI Sentence_Terminal=STerm Soft_Dotted=SD Terminal_Punctuation=Term Unified_Ideograph=UIdeo ' +
  'Uppercase=Upper Variation_Selector=VS White_Space=WSpace=space XID_Continue=XIDC XID_Start=XIDS';

/** Four-letter script codes need no list: they are tried as they are. */
const SCRIPTS =
  'Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak Bengali Bhaiksuki ' +
  'Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian Caucasian_Albanian Chakma Cham Cherokee ' +
  'Chorasmian Common Coptic Cuneiform Cypriot Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan ' +
  'Egyptian_Hieroglyphs Elbasan Elymaic Ethiopic Garay Georgian Glagolitic Gothic Grantha Greek Gujarati ' +
  'Gunjala_Gondi Gurmukhi Gurung_Khema Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic ' +
  'Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li ' +
  'Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Kirat_Rai Lao Latin Lepcha Limbu Linear_A Linear_B Lisu ' +
  'Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi Medefaidrin Meetei_Mayek ' +
  'Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean ' +
  'Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Ol_Onal Old_Hungarian ' +
  'Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya ' +
  'Osage Osmanya Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan ' +
  'Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese Sunuwar ' +
  'Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu Thaana Thai ' +
  'Tibetan Tifinagh Tirhuta Todhri Toto Tulu_Tigalari Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi ' +
  'Zanabazar_Square';

/** Loose matching of names: case, spaces, `_`, `-` and a leading `is` do not count. */
export function looseName(name: string): string {
  const bare = name.replace(/[ _-]|[^\0-\x7f]/g, '').toLowerCase();
  // `isc` is a name of its own (that of no set), not `c` with a prefix.
  return /^is/i.test(name) && bare !== 'isc' ? bare.slice(2) : bare;
}

function index(names: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const entry of names.split(' ')) {
    const spellings = entry.split('=');
    for (const spelling of spellings) found.set(looseName(spelling), spellings[0] ?? spelling);
  }
  return found;
}

export const CATEGORY_NAMES = index(CATEGORIES);
export const BINARY_NAMES = index(BINARY);
export const SCRIPT_NAMES = index(SCRIPTS);
