/** What a pattern of the dialect finds and does not find (E103, E106). The reference agrees with every line. */
export interface DialectCase {
  readonly title: string;
  readonly pattern: string;
  readonly finds: readonly string[];
  readonly misses: readonly string[];
}

const anchors: readonly DialectCase[] = [
  {
    title: 'a pattern may match anywhere',
    pattern: 'needle',
    finds: ['needle', 'a needle here'],
    misses: ['need', ''],
  },
  { title: 'matching is case-sensitive', pattern: 'Nu', finds: ['Null'], misses: ['null'] },
  { title: '$ is the very end, not before a line feed', pattern: 'a$', finds: ['ba'], misses: ['a\n', 'ab'] },
  { title: '^ is the very start', pattern: '^a', finds: ['ab'], misses: ['b\na', 'ba'] },
  { title: '(?m) makes ^ and $ see lines', pattern: '(?m)^b$', finds: ['a\nb\nc'], misses: ['a\nbb\nc', 'a\r\nb\r\n'] },
  { title: '\\A and \\z ignore (?m)', pattern: '(?m)\\Ab\\z', finds: ['b'], misses: ['a\nb', 'b\n'] },
  { title: '\\Z allows line feeds at the end', pattern: 'a\\Z', finds: ['a', 'a\n\n'], misses: ['a b'] },
  { title: 'an escaped letter G is the start of the search', pattern: '\\Ga', finds: ['ab'], misses: ['ba'] },
  { title: 'an empty pattern is found everywhere', pattern: '', finds: ['', 'x'], misses: [] },
  { title: 'dot excludes the line feed only', pattern: '^.$', finds: ['\r', '\u2028', '😀'], misses: ['\n', ''] },
  { title: '(?s) lets the dot take a line feed', pattern: '(?s)^.$', finds: ['\n'], misses: ['\n\n'] },
  { title: '\\O is any character', pattern: '^\\O$', finds: ['\n', 'a'], misses: ['ab'] },
];

const unicode: readonly DialectCase[] = [
  { title: '\\d is any decimal digit', pattern: '^\\d+$', finds: ['12', '٣٤'], misses: ['½', 'a'] },
  {
    title: '\\w is any letter, mark, digit or connector',
    pattern: '^\\w+$',
    finds: ['été', 'a_1', '日本', 'e\u0301'],
    misses: ['a-b'],
  },
  {
    title: '\\s is any white space',
    pattern: '^\\s$',
    finds: [' ', '\u00a0', '\u2003', '\u0085'],
    misses: ['\u200b', 'a'],
  },
  { title: '\\b sees words in all scripts', pattern: '\\bété\\b', finds: ['un été.', 'été'], misses: ['étés', 'aété'] },
  { title: '\\B is the opposite of \\b', pattern: 'a\\Bb', finds: ['ab'], misses: ['a b'] },
  {
    title: '\\b{start} and \\b{end} are one-sided',
    pattern: '\\b{start}cat\\b{end}',
    finds: ['a cat!'],
    misses: ['cats', 'acat'],
  },
  { title: '\\< and \\> are one-sided as well', pattern: '\\<cat\\>', finds: ['a cat'], misses: ['cats'] },
  { title: '\\b{start-half} looks to the left only', pattern: '\\b{start-half}!', finds: [' !'], misses: ['a!'] },
  {
    title: 'a character beyond 16 bits is one character',
    pattern: '^[😀-😂]{2}$',
    finds: ['😀😂'],
    misses: ['😀', '😃😃'],
  },
  {
    title: '\\p takes categories, scripts and flags',
    pattern: '^\\p{Lu}\\p{Greek}\\p{Alphabetic}$',
    finds: ['AαΩ'],
    misses: ['aαΩ'],
  },
  { title: '\\p names are loose', pattern: '^\\p{ script = old-ITALIC }$', finds: ['\u{10300}'], misses: ['a'] },
  { title: '\\pL needs no braces, \\P negates', pattern: '^\\pL\\PL$', finds: ['a1'], misses: ['aa'] },
  { title: '\\p{a!=b} negates too', pattern: '^\\p{sc!=Greek}$', finds: ['a'], misses: ['α'] },
  { title: '\\h is a hexadecimal digit', pattern: '^\\h\\H$', finds: ['fg'], misses: ['gg', 'ff'] },
  {
    title: 'characters can be written by number',
    pattern: '^\\x41\\x{1F600}\\u0042\\u{43}\\U00000044$',
    finds: ['A😀BCD'],
    misses: ['A'],
  },
];

const classes: readonly DialectCase[] = [
  { title: 'POSIX classes are ASCII', pattern: '^[[:alpha:]_]+$', finds: ['ab_'], misses: ['é', 'a1'] },
  { title: 'POSIX classes can be negated', pattern: '^[[:^digit:]]$', finds: ['a', '٣'], misses: ['1'] },
  { title: 'an unknown POSIX name is a nested class', pattern: '^[[:foo:]]$', finds: [':', 'f'], misses: ['x'] },
  { title: 'classes nest', pattern: '^[a[x-z]]+$', finds: ['axyz'], misses: ['b'] },
  { title: '&& intersects', pattern: '^[a-z&&[^aeiou]]+$', finds: ['xyz'], misses: ['xayz'] },
  { title: '-- subtracts', pattern: '^[\\w--\\d]+$', finds: ['ab'], misses: ['a1'] },
  { title: '~~ keeps what is in one side only', pattern: '^[a-c~~b-d]$', finds: ['a', 'd'], misses: ['b', 'c'] },
  { title: 'operations go from left to right', pattern: '^[a-e&&b-d--c]$', finds: ['b', 'd'], misses: ['a', 'c'] },
  { title: 'a closing bracket may come first', pattern: '^[]a]+$', finds: ['a]'], misses: ['['] },
  { title: 'a dash at either end is a dash', pattern: '^[-a]+[b-]$', finds: ['-a-', 'ab'], misses: ['ac'] },
  { title: '\\b in a class is backspace', pattern: '^[\\b]$', finds: ['\b'], misses: ['b'] },
  { title: 'an intersection may be empty', pattern: '[a&&b]', finds: [], misses: ['a', 'b', ''] },
  { title: 'a class takes \\p and \\h', pattern: '^[\\p{Lu}\\h]+$', finds: ['Zf0'], misses: ['z'] },
];

const flags: readonly DialectCase[] = [
  { title: '(?i) ignores case', pattern: '(?i)héllo', finds: ['HÉLLO'], misses: ['hello'] },
  {
    title: '(?i) knows the Kelvin sign and the long s',
    pattern: '(?i)^[k][^s]$',
    finds: ['\u212ax'],
    misses: ['k\u017f'],
  },
  { title: '(?i) reaches properties', pattern: '^(?i)\\p{Lu}$', finds: ['a'], misses: ['1'] },
  { title: '(?i:…) ends with its group', pattern: '^(?i:a)b$', finds: ['Ab'], misses: ['AB'] },
  { title: 'a flag set inside (?:…) ends with it', pattern: '^(?:(?i)a)b$', finds: ['Ab'], misses: ['AB'] },
  { title: '(?-i) switches off', pattern: '(?i)^a(?-i)b$', finds: ['Ab'], misses: ['AB'] },
  {
    title: '(?x) skips white space and comments',
    pattern: '(?x)^ a b # two letters\n $',
    finds: ['ab'],
    misses: ['a b'],
  },
  { title: '(?x) keeps white space inside a class', pattern: '(?x)^[a b]$', finds: [' '], misses: ['c'] },
  { title: '(?U) swaps greed, which no search notices', pattern: '(?U)^a+b+$', finds: ['aabb'], misses: ['b'] },
  { title: '(?#…) is a comment', pattern: 'a(?#not b)c', finds: ['ac'], misses: ['abc'] },
];

const repetitions: readonly DialectCase[] = [
  { title: '{n,m} counts', pattern: '^a{2,3}$', finds: ['aa', 'aaa'], misses: ['a', 'aaaa'] },
  { title: '{,2} is a repetition', pattern: '^a{,2}$', finds: ['', 'aa'], misses: ['aaa', 'a{,2}'] },
  { title: '{ without a repetition is literal', pattern: '^a{x}{$', finds: ['a{x}{'], misses: ['a'] },
  { title: 'a second {…} is literal', pattern: '^a{2}{3}$', finds: ['aa{3}'], misses: ['aaaaaa'] },
  { title: 'lazy repetitions find the same texts', pattern: '^a+?b*?c??$', finds: ['aab', 'aac'], misses: ['b'] },
  { title: 'escaped punctuation is literal', pattern: '^\\.\\-\\@\\/\\ \\{$', finds: ['.-@/ {'], misses: ['x'] },
  { title: 'a repeated empty group ends', pattern: '^(?:a?)*b$', finds: ['aab', 'b'], misses: ['a'] },
];

const backtracking: readonly DialectCase[] = [
  { title: 'look-ahead', pattern: 'foo(?=bar)', finds: ['foobar'], misses: ['foobaz'] },
  { title: 'negative look-ahead', pattern: 'foo(?!bar)', finds: ['foobaz', 'foo'], misses: ['foobar'] },
  { title: 'look-behind', pattern: '(?<=foo)bar', finds: ['foobar'], misses: ['bazbar'] },
  { title: 'negative look-behind', pattern: '(?<!foo)bar', finds: ['bazbar', 'bar'], misses: ['foobar'] },
  {
    title: 'look-behind with alternatives of their own lengths',
    pattern: '(?<=a|bc)d',
    finds: ['ad', 'bcd'],
    misses: ['cd'],
  },
  { title: 'look-behind counts characters', pattern: '(?<=^😀)a', finds: ['😀a'], misses: ['xx😀a'] },
  {
    title: 'several look-aheads',
    pattern: '^(?=.*[a-z])(?=.*[A-Z])(?=.*\\d).{8,}$',
    finds: ['Password1'],
    misses: ['password', 'SHORT1'],
  },
  { title: 'a look-ahead may give back what it took', pattern: '^(?=(a+))\\1b', finds: ['aab'], misses: ['aa'] },
  { title: 'back-reference by number', pattern: '\\b(\\w+)\\s+\\1\\b', finds: ['the the'], misses: ['the quick fox'] },
  { title: 'back-reference by name', pattern: '(?P<q>["\'])x(?P=q)', finds: ['"x"', "'x'"], misses: ['"x\''] },
  { title: 'back-reference by \\k', pattern: '^(?<c>.)\\k<c>$', finds: ['aa'], misses: ['ab'] },
  { title: 'back-reference by distance', pattern: '^(.)(.)\\k<-1>$', finds: ['abb'], misses: ['aba'] },
  { title: 'back-reference to an unset group fails', pattern: '^(?:(a)|b)\\1$', finds: ['aa'], misses: ['b', 'ba'] },
  { title: '(?i) holds for back-references', pattern: '(?i)^(é)\\1$', finds: ['éÉ'], misses: ['ée'] },
  { title: 'an atomic group keeps what it took', pattern: '^(?>a+)ab', finds: [], misses: ['aaab'] },
  { title: 'an atomic group takes its first alternative', pattern: '^(?>a|ab)c', finds: ['ac'], misses: ['abc'] },
  { title: 'possessive quantifiers keep what they took', pattern: '^a++b$', finds: ['aab'], misses: ['aac'] },
  { title: 'possessive star', pattern: '^.*+b', finds: [], misses: ['aab'] },
  { title: 'conditional on a group', pattern: '^(a)?(?(1)b|c)$', finds: ['ab', 'c'], misses: ['b', 'ac'] },
  { title: 'conditional on a pattern', pattern: '^(?(a)b|c)', finds: ['ab', 'c'], misses: ['ac', 'b'] },
  { title: '\\K moves no match away', pattern: '^a\\Kb', finds: ['ab'], misses: ['b'] },
];

export const dialectCases: readonly DialectCase[] = [
  ...anchors,
  ...unicode,
  ...classes,
  ...flags,
  ...repetitions,
  ...backtracking,
];

/** Patterns that are syntax errors (E104, E106), with the fault. */
export const invalidCases: readonly (readonly [fault: string, pattern: string])[] = [
  ['nothing to repeat at the start', '*a'],
  ['nothing to repeat after a lazy quantifier', '?*'],
  ['two quantifiers', 'a**'],
  ['a repeated look-ahead', '(?=a)*'],
  ['a repeated flag setting', '(?i)+'],
  ['a repeated empty group', '(?:)*'],
  ['an unmatched (', '(a'],
  ['an unmatched )', 'a)'],
  ['an unmatched [', '[a'],
  ['an empty class', '[]'],
  ['a range that runs backwards', '[z-a]'],
  ['a range from a set', '[\\d-z]'],
  ['an unclosed POSIX class', '[[:alpha:]'],
  ['an unknown letter escape', '\\q'],
  ['an unknown letter escape with a control letter', '\\cA'],
  ['an unknown letter escape in a class', '[\\Z]'],
  ['a backslash at the end', 'a\\'],
  ['an unknown property', '\\p{Nonsense}'],
  ['a property of surrogates', '\\p{Cs}'],
  ['an unclosed property', '\\p{Lu'],
  ['a look-behind of variable length', '(?<=a+)b'],
  ['a negative look-behind of variable length', '(?<!a*)b'],
  ['a look-behind with a grouped alternative of variable length', '(?<=(a|bc))d'],
  ['a reference to a group that does not exist', '(a)\\2'],
  ['a reference to group 0', '\\0'],
  ['a reference to an unknown name', '\\k<n>'],
  ['a reference by number next to a named group', '(?<n>a)\\1'],
  ['a reference inside a class', '(a)[\\1]'],
  ['a group without a name', '(?<>a)'],
  ['an unknown flag', '(?q)a'],
  ['a flag that switches Unicode off', '(?-u)a'],
  ['a flag list without flags', '(?-:a)'],
  ['a hexadecimal escape without digits', '\\xzz'],
  ['a character that does not exist', '\\x{110000}'],
  ['a surrogate', '\\u{D800}'],
  ['an unknown word boundary', '\\b{middle}'],
  ['a subroutine call', '(a)\\g<1>'],
  ['an absent repeater', '(?~a)'],
  ['a repetition that runs backwards', 'a{3,2}'],
  ['a conditional without a branch', '(?(a))'],
  ['groups nested 64 deep', `${'('.repeat(64)}a${')'.repeat(64)}`],
  ['classes nested 300 deep', `${'['.repeat(300)}a${']'.repeat(300)}`],
  ['a text repeated into more than 10 MB', 'a{400000}'],
  ['a Unicode class repeated into more than 10 MB', '\\w{300}'],
  ['nested repetitions that multiply', '(?:(?:a{1000}){1000}){1000}'],
];
