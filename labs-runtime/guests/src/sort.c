/*
 * Processor benchmark: quicksort and heapsort of the same pseudo-random words, which is comparisons that nobody can predict, recursion, and
 * loads all over an array. The checksum runs over both sorted arrays; a pair out of order ends the guest with a word about it.
 */
#include "benchmark.h"

#define ROUNDS 16
#define WORDS 6000
#define INSERTION_WORDS_MAX 12 /* shorter parts are left to insertion sort */

static uint32_t words[WORDS], copy[WORDS];

static inline void swap(uint32_t *one, uint32_t *other) {
  uint32_t word = *one;
  *one = *other;
  *other = word;
}

static void insertion_sort(uint32_t *first, int count) {
  for (int i = 1; i < count; i++) {
    uint32_t word = first[i];
    int hole = i;
    for (; hole > 0 && first[hole - 1] > word; hole--) first[hole] = first[hole - 1];
    first[hole] = word;
  }
}

/* Hoare's partition around the middle of three. Returns how many words the left part has, none of them greater than one in the right. */
static int partition(uint32_t *first, int count) {
  int middle = count / 2, last = count - 1;
  if (first[middle] < first[0]) swap(first + middle, first);
  if (first[last] < first[0]) swap(first + last, first);
  if (first[last] < first[middle]) swap(first + last, first + middle);
  uint32_t pivot = first[middle];
  int low = -1, high = count;
  for (;;) {
    do low++;
    while (first[low] < pivot);
    do high--;
    while (first[high] > pivot);
    if (low >= high) return high + 1;
    swap(first + low, first + high);
  }
}

/* Recurs into the shorter part and goes on with the longer one, so that the stack stays below log2(count) calls. */
static void quicksort(uint32_t *first, int count) {
  while (count > INSERTION_WORDS_MAX) {
    int left_count = partition(first, count);
    if (left_count < count - left_count) {
      quicksort(first, left_count);
      first += left_count;
      count -= left_count;
    } else {
      quicksort(first + left_count, count - left_count);
      count = left_count;
    }
  }
  insertion_sort(first, count);
}

/* Lets the word at `root` sink until no child is greater: the first `count` words are a heap below it already. */
static void sift_down(uint32_t *heap, int root, int count) {
  uint32_t word = heap[root];
  for (int child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && heap[child + 1] > heap[child]) child++;
    if (heap[child] <= word) break;
    heap[root] = heap[child];
  }
  heap[root] = word;
}

static void heapsort(uint32_t *first, int count) {
  for (int root = count / 2 - 1; root >= 0; root--) sift_down(first, root, count);
  for (int last = count - 1; last > 0; last--) {
    swap(first, first + last);
    sift_down(first, 0, last);
  }
}

static uint32_t take_sorted(uint32_t checksum, const uint32_t *sorted) {
  for (int i = 0; i < WORDS; i++) {
    if (i > 0 && sorted[i - 1] > sorted[i]) {
      console_write_text("not sorted\n");
      power_off_now();
    }
    checksum = mix(checksum, sorted[i]);
  }
  return checksum;
}

int main(void) {
  uint32_t state = 1;
  uint32_t checksum = 0;
  for (int round = 0; round < ROUNDS; round++) {
    for (int i = 0; i < WORDS; i++) words[i] = copy[i] = random_next(&state);
    quicksort(words, WORDS);
    checksum = take_sorted(checksum, words);
    heapsort(copy, WORDS);
    checksum = take_sorted(checksum, copy);
  }
  print_checksum(checksum);
  return 0;
}
