/*
 * Processor benchmark: a small compiler and the machine it compiles for, which is pointers to follow and branches nobody can predict.
 * Splits a program text into tokens, parses them to a tree, folds constants, emits code for a stack machine and runs that; then all again.
 *
 * A program is statements: `name = expression;`, `print expression;`, `while expression { ... }`, `if expression { ... } else { ... }`.
 * Expressions have the operators of C for unsigned words, with its precedence: == under < and >, then + and -, then * / %, then unary -.
 */
#include "benchmark.h"
#include "compile-program.h"

#define ROUNDS 130
#define TOKENS_MAX 1200
#define NODES_MAX 1200
#define CODE_WORDS_MAX 2400
#define SYMBOLS_MAX 64
#define BUCKETS 32
#define STACK_WORDS 32

/* Says where the program stopped making sense, and ends the guest. The text is part of the guest, so that this is a bug of its own. */
static void fail(const char *what, uint32_t where) {
  console_write_text(what);
  console_write_text(" at ");
  console_write_decimal(where);
  console_write('\n');
  power_off_now();
}

/* Names: a hash table of chains. Keywords are in it from the start, before all others. */

enum { KEYWORD_PRINT, KEYWORD_WHILE, KEYWORD_IF, KEYWORD_ELSE, KEYWORDS };

struct symbol {
  struct symbol *next;
  const char *name;
  uint32_t length;
  uint32_t value; /* of the variable, while the program runs */
};

static struct symbol symbols[SYMBOLS_MAX];
static struct symbol *buckets[BUCKETS];
static uint32_t symbol_count;

static int is_same_name(const struct symbol *symbol, const char *name, uint32_t length) {
  if (symbol->length != length) return 0;
  for (uint32_t i = 0; i < length; i++)
    if (symbol->name[i] != name[i]) return 0;
  return 1;
}

/* The one symbol of that name, made when it is met for the first time. */
static struct symbol *intern(const char *name, uint32_t length) {
  uint32_t hash = 0;
  for (uint32_t i = 0; i < length; i++) hash = hash * 31 + (uint8_t)name[i];
  struct symbol **link = &buckets[hash % BUCKETS];
  for (; *link; link = &(*link)->next)
    if (is_same_name(*link, name, length)) return *link;
  if (symbol_count == SYMBOLS_MAX) fail("too many names", symbol_count);
  struct symbol *symbol = &symbols[symbol_count++];
  symbol->next = 0;
  symbol->name = name;
  symbol->length = length;
  symbol->value = 0;
  return *link = symbol;
}

static void forget_names(void) {
  static const char *const keywords[KEYWORDS] = {"print", "while", "if", "else"};
  symbol_count = 0;
  for (int i = 0; i < BUCKETS; i++) buckets[i] = 0;
  for (int i = 0; i < KEYWORDS; i++) {
    uint32_t length = 0;
    while (keywords[i][length]) length++;
    intern(keywords[i], length);
  }
}

/* Tokens. Punctuation and operators are their own characters; only == has two, and is EQUAL. */

enum { END = 0, NUMBER = 'n', NAME = 'v', EQUAL = 'e', PRINT = 'p', WHILE = 'w', IF = 'i', ELSE = 'l' };

struct token {
  uint32_t kind;
  union {
    uint32_t number;
    struct symbol *symbol;
  };
};

static struct token tokens[TOKENS_MAX];

static inline int is_digit(char c) { return c >= '0' && c <= '9'; }

static inline int is_letter(char c) { return (c >= 'a' && c <= 'z') || c == '_'; }

static const char *read_number(const char *text, struct token *token) {
  token->kind = NUMBER;
  token->number = 0;
  for (; is_digit(*text); text++) token->number = token->number * 10 + (uint32_t)(*text - '0');
  return text;
}

static const char *read_name(const char *text, struct token *token) {
  static const uint8_t keyword_kinds[KEYWORDS] = {PRINT, WHILE, IF, ELSE};
  const char *end = text;
  while (is_letter(*end)) end++;
  token->symbol = intern(text, (uint32_t)(end - text));
  uint32_t index = (uint32_t)(token->symbol - symbols);
  token->kind = index < KEYWORDS ? keyword_kinds[index] : NAME;
  return end;
}

static void tokenise(const char *text) {
  struct token *token = tokens;
  for (;;) {
    while (*text == ' ' || *text == '\n') text++;
    if (token == tokens + TOKENS_MAX) fail("too many tokens", TOKENS_MAX);
    if (is_digit(*text)) {
      text = read_number(text, token);
    } else if (is_letter(*text)) {
      text = read_name(text, token);
    } else if (text[0] == '=' && text[1] == '=') {
      token->kind = EQUAL;
      text += 2;
    } else {
      token->kind = (uint8_t)*text;
      if (*text++ == 0) return;
    }
    token++;
  }
}

/*
 * The tree. Binary operators have their token's kind and two operands. An assignment has its value on the left, print its expression, while
 * and if their condition; what follows the condition is on the right, and the second branch of if is `otherwise`. Statements are chained by
 * `next`.
 */
struct node {
  uint32_t kind;
  struct node *left, *right;
  union {
    uint32_t number;
    struct symbol *symbol;
    struct node *otherwise;
  };
  struct node *next;
};

static struct node nodes[NODES_MAX];
static uint32_t node_count;
static const struct token *ahead; /* the next token that the parser has not taken */

static struct node *make_node(uint32_t kind, struct node *left, struct node *right) {
  if (node_count == NODES_MAX) fail("too many nodes", node_count);
  struct node *node = &nodes[node_count++];
  node->kind = kind;
  node->left = left;
  node->right = right;
  node->number = 0;
  node->next = 0;
  return node;
}

static int take(uint32_t kind) {
  if (ahead->kind != kind) return 0;
  ahead++;
  return 1;
}

static void expect(uint32_t kind) {
  if (!take(kind)) fail("syntax error", (uint32_t)(ahead - tokens));
}

static struct node *parse_expression(void);

static struct node *parse_primary(void) {
  if (take('-')) return make_node('-', make_node(NUMBER, 0, 0), parse_primary());
  if (take('(')) {
    struct node *inner = parse_expression();
    expect(')');
    return inner;
  }
  struct node *leaf = make_node(ahead->kind, 0, 0);
  if (leaf->kind == NUMBER) leaf->number = ahead->number;
  else if (leaf->kind == NAME) leaf->symbol = ahead->symbol;
  else fail("syntax error", (uint32_t)(ahead - tokens));
  ahead++;
  return leaf;
}

/* How tightly a binary operator binds; zero for any other token. */
static int precedence(uint32_t kind) {
  switch (kind) {
    case EQUAL:
      return 1;
    case '<':
    case '>':
      return 2;
    case '+':
    case '-':
      return 3;
    case '*':
    case '/':
    case '%':
      return 4;
    default:
      return 0;
  }
}

/* Operators that bind at least as tightly as `lowest`, those of one level from left to right. */
static struct node *parse_operators(int lowest) {
  struct node *left = parse_primary();
  for (int level; (level = precedence(ahead->kind)) >= lowest;) {
    uint32_t kind = (ahead++)->kind;
    left = make_node(kind, left, parse_operators(level + 1));
  }
  return left;
}

static struct node *parse_expression(void) { return parse_operators(1); }

static struct node *parse_statements(uint32_t end);

static struct node *parse_block(void) {
  expect('{');
  return parse_statements('}');
}

static struct node *parse_statement(void) {
  struct node *statement;
  if (take(WHILE)) {
    statement = make_node(WHILE, parse_expression(), 0);
    statement->right = parse_block();
    return statement;
  }
  if (take(IF)) {
    statement = make_node(IF, parse_expression(), 0);
    statement->right = parse_block();
    expect(ELSE);
    statement->otherwise = parse_block();
    return statement;
  }
  if (take(PRINT)) {
    statement = make_node(PRINT, parse_expression(), 0);
  } else {
    struct symbol *symbol = ahead->symbol;
    expect(NAME);
    expect('=');
    statement = make_node('=', parse_expression(), 0);
    statement->symbol = symbol;
  }
  expect(';');
  return statement;
}

static struct node *parse_statements(uint32_t end) {
  struct node *first = 0;
  for (struct node **link = &first; !take(end); link = &(*link)->next) *link = parse_statement();
  return first;
}

/* Constants. */

static inline uint32_t compute(uint32_t kind, uint32_t left, uint32_t right) {
  switch (kind) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return right ? left / right : 0;
    case '%':
      return right ? left % right : 0;
    case '<':
      return left < right;
    case '>':
      return left > right;
    default:
      return left == right;
  }
}

/* Turns each operator whose operands are numbers into a number, from the leaves up. Returns how many it turned. */
static uint32_t fold_expression(struct node *node) {
  if (!node->left) return 0;
  uint32_t folded = fold_expression(node->left) + fold_expression(node->right);
  if (node->left->kind != NUMBER || node->right->kind != NUMBER) return folded;
  node->number = compute(node->kind, node->left->number, node->right->number);
  node->kind = NUMBER;
  node->left = node->right = 0;
  return folded + 1;
}

static uint32_t fold_statements(struct node *statement) {
  uint32_t folded = 0;
  for (; statement; statement = statement->next) {
    folded += fold_expression(statement->left) + fold_statements(statement->right);
    if (statement->kind == IF) folded += fold_statements(statement->otherwise);
  }
  return folded;
}

/* Code: one word an instruction, with an operand in the next word for those listed here. A binary operator is its own instruction. */

enum {
  STOP = 0,
  PUSH = 1,         /* operand: the number */
  LOAD = 2,         /* operand: index of the symbol */
  STORE = 3,        /* operand: index of the symbol */
  JUMP = 4,         /* operand: index of the instruction to go on with */
  JUMP_IF_ZERO = 5, /* operand: the same */
  OUTPUT = 6,
};

static uint32_t code[CODE_WORDS_MAX];
static uint32_t code_words;

static void emit(uint32_t word) {
  if (code_words == CODE_WORDS_MAX) fail("too much code", code_words);
  code[code_words++] = word;
}

static void emit_with_operand(uint32_t instruction, uint32_t operand) {
  emit(instruction);
  emit(operand);
}

/* A jump to a place that is not known yet. Returns where its operand is. */
static uint32_t emit_jump_ahead(uint32_t instruction) {
  emit_with_operand(instruction, 0);
  return code_words - 1;
}

/* `depth` is how many words are on the stack before the expression's own. */
static void emit_operands(const struct node *node, uint32_t depth) {
  if (depth == STACK_WORDS) fail("expression too deep", code_words);
  if (node->kind == NUMBER) {
    emit_with_operand(PUSH, node->number);
  } else if (node->kind == NAME) {
    emit_with_operand(LOAD, (uint32_t)(node->symbol - symbols));
  } else {
    emit_operands(node->left, depth);
    emit_operands(node->right, depth + 1);
    emit(node->kind);
  }
}

static void emit_expression(const struct node *node) { emit_operands(node, 0); }

static void emit_statements(const struct node *statement);

static void emit_while(const struct node *loop) {
  uint32_t start = code_words;
  emit_expression(loop->left);
  uint32_t to_end = emit_jump_ahead(JUMP_IF_ZERO);
  emit_statements(loop->right);
  emit_with_operand(JUMP, start);
  code[to_end] = code_words;
}

static void emit_if(const struct node *choice) {
  emit_expression(choice->left);
  uint32_t to_otherwise = emit_jump_ahead(JUMP_IF_ZERO);
  emit_statements(choice->right);
  uint32_t to_end = emit_jump_ahead(JUMP);
  code[to_otherwise] = code_words;
  emit_statements(choice->otherwise);
  code[to_end] = code_words;
}

static void emit_statements(const struct node *statement) {
  for (; statement; statement = statement->next) {
    if (statement->kind == WHILE) {
      emit_while(statement);
    } else if (statement->kind == IF) {
      emit_if(statement);
    } else {
      emit_expression(statement->left);
      if (statement->kind == PRINT) emit(OUTPUT);
      else emit_with_operand(STORE, (uint32_t)(statement->symbol - symbols));
    }
  }
}

/* Runs the code to its end. What it prints goes into the checksum. */
static uint32_t run(uint32_t checksum) {
  uint32_t stack[STACK_WORDS];
  uint32_t *top = stack; /* the next free word */
  for (const uint32_t *next = code;;) {
    uint32_t instruction = *next++;
    switch (instruction) {
      case STOP:
        return checksum;
      case PUSH:
        *top++ = *next++;
        break;
      case LOAD:
        *top++ = symbols[*next++].value;
        break;
      case STORE:
        symbols[*next++].value = *--top;
        break;
      case JUMP:
        next = code + *next;
        break;
      case JUMP_IF_ZERO:
        next = *--top ? next + 1 : code + *next;
        break;
      case OUTPUT:
        checksum = mix(checksum, *--top);
        break;
      default:
        top--;
        top[-1] = compute(instruction, top[-1], top[0]);
    }
  }
}

/* Compiles the text and runs it. Returns the checksum with the number of folded operators and all that the program printed. */
static uint32_t compile_and_run(uint32_t round, uint32_t checksum) {
  forget_names();
  tokenise(program_text);
  node_count = code_words = 0;
  ahead = tokens;
  struct node *program = parse_statements(END);
  checksum = mix(checksum, fold_statements(program));
  emit_statements(program);
  emit(STOP);
  intern("round", 5)->value = round;
  return run(checksum);
}

int main(void) {
  uint32_t checksum = 0;
  for (uint32_t round = 0; round < ROUNDS; round++) checksum = compile_and_run(round, checksum);
  print_checksum(checksum);
  return 0;
}
