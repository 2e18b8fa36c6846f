// SHA-1 (FIPS 180-4) of up to 16 streams at once, on processors with SHA-NI: the same bytes for two states in one pass (their schedule is
// made once), and, with AVX-512, streams side by side in the lanes of its registers.
//
// It knows nothing but this: goOn(state, bytes, state, bytes, …) goes on with each state (Uint32Array of 5) by its bytes (Uint8Array), all
// equally many and in whole blocks of 64. Padding, rests and lengths are sha1.ts's. Nothing here outlives a call, so it works in any thread.
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if !defined(__x86_64__)
#error "only for x86-64"
#endif
#include <cpuid.h>
#include <immintrin.h>

#define MOST_LANES 16
#define LANE 4 /* registers of 128 bits hold so many streams */

// ---- one stream, or two over the same bytes: SHA-NI ----------------------------------------------------------------------------------

#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))

// Four rounds take the next four words of the schedule; the kind of round is an immediate of the instruction.
#define FOUR_ROUNDS(group)                                                                                                      \
  if (group >= 4) {                                                                                                             \
    const __m128i mixed = _mm_xor_si128(_mm_sha1msg1_epu32(w[group % 4], w[(group + 1) % 4]), w[(group + 2) % 4]);              \
    w[group % 4] = _mm_sha1msg2_epu32(mixed, w[(group + 3) % 4]);                                                               \
  }                                                                                                                             \
  FOUR_ROUNDS_OF(0, group)                                                                                                      \
  if (states == 2) FOUR_ROUNDS_OF(1, group)

#define FOUR_ROUNDS_OF(state, group)                                                                                            \
  {                                                                                                                             \
    const __m128i e = group == 0 ? _mm_add_epi32(before[state], w[0]) : _mm_sha1nexte_epu32(before[state], w[group % 4]);       \
    before[state] = abcd[state];                                                                                                \
    abcd[state] = _mm_sha1rnds4_epu32(abcd[state], e, group / 5);                                                               \
  }

WITH_SHA static inline __attribute__((always_inline)) void hash_same(const int states, uint32_t *const *state, const uint8_t *bytes,
                                                                     size_t blocks) {
  const __m128i big_endian = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL);
  __m128i abcd[2], e_at_start[2], abcd_at_start[2], before[2], w[4];
  for (int at = 0; at < states; at++) {
    abcd[at] = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state[at]), 0x1b);
    e_at_start[at] = _mm_set_epi32((int)state[at][4], 0, 0, 0);
  }
  for (size_t block = 0; block < blocks; block++, bytes += 64) {
    for (int at = 0; at < states; at++) {
      abcd_at_start[at] = abcd[at];
      before[at] = e_at_start[at];
    }
    w[0] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes), big_endian);
    w[1] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes + 1), big_endian);
    w[2] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes + 2), big_endian);
    w[3] = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)bytes + 3), big_endian);
    FOUR_ROUNDS(0) FOUR_ROUNDS(1) FOUR_ROUNDS(2) FOUR_ROUNDS(3) FOUR_ROUNDS(4)
    FOUR_ROUNDS(5) FOUR_ROUNDS(6) FOUR_ROUNDS(7) FOUR_ROUNDS(8) FOUR_ROUNDS(9)
    FOUR_ROUNDS(10) FOUR_ROUNDS(11) FOUR_ROUNDS(12) FOUR_ROUNDS(13) FOUR_ROUNDS(14)
    FOUR_ROUNDS(15) FOUR_ROUNDS(16) FOUR_ROUNDS(17) FOUR_ROUNDS(18) FOUR_ROUNDS(19)
    for (int at = 0; at < states; at++) {
      e_at_start[at] = _mm_sha1nexte_epu32(before[at], e_at_start[at]);
      abcd[at] = _mm_add_epi32(abcd[at], abcd_at_start[at]);
    }
  }
  for (int at = 0; at < states; at++) {
    _mm_storeu_si128((__m128i *)state[at], _mm_shuffle_epi32(abcd[at], 0x1b));
    state[at][4] = (uint32_t)_mm_extract_epi32(e_at_start[at], 3);
  }
}

WITH_SHA static void one_state(uint32_t *const *states, const uint8_t *bytes, size_t blocks) { hash_same(1, states, bytes, blocks); }
WITH_SHA static void two_states(uint32_t *const *states, const uint8_t *bytes, size_t blocks) { hash_same(2, states, bytes, blocks); }

// ---- 4, 8 or 16 streams, each in a lane of its own: AVX-512 --------------------------------------------------------------------------

#define WITH_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

// 16 bytes of each fourth stream, from `first` on, in one register.
WITH_AVX512 static inline __m128i gather_4(const uint8_t *const *parts, int first, size_t at) {
  return _mm_loadu_si128((const __m128i *)(parts[first] + at));
}
WITH_AVX512 static inline __m256i gather_8(const uint8_t *const *parts, int first, size_t at) {
  const __m256i low = _mm256_castsi128_si256(gather_4(parts, first, at));
  return _mm256_inserti32x4(low, gather_4(parts, first + LANE, at), 1);
}
WITH_AVX512 static inline __m512i gather_16(const uint8_t *const *parts, int first, size_t at) {
  const __m512i low = _mm512_castsi256_si512(gather_8(parts, first, at));
  return _mm512_inserti64x4(low, gather_8(parts, first + 2 * LANE, at), 1);
}

// Four words of every stream: each register turned from four words of a stream to one word of four streams.
#define FOUR_WORDS(p, vector, lanes, word)                                                                                      \
  {                                                                                                                             \
    const vector one = gather_##lanes(parts, 0, at + 4 * word), two = gather_##lanes(parts, 1, at + 4 * word);                  \
    const vector three = gather_##lanes(parts, 2, at + 4 * word), four = gather_##lanes(parts, 3, at + 4 * word);               \
    const vector a_b_low = p##_unpacklo_epi32(one, two), a_b_high = p##_unpackhi_epi32(one, two);                               \
    const vector c_d_low = p##_unpacklo_epi32(three, four), c_d_high = p##_unpackhi_epi32(three, four);                         \
    w[word] = p##_shuffle_epi8(p##_unpacklo_epi64(a_b_low, c_d_low), big_endian);                                               \
    w[word + 1] = p##_shuffle_epi8(p##_unpackhi_epi64(a_b_low, c_d_low), big_endian);                                           \
    w[word + 2] = p##_shuffle_epi8(p##_unpacklo_epi64(a_b_high, c_d_high), big_endian);                                         \
    w[word + 3] = p##_shuffle_epi8(p##_unpackhi_epi64(a_b_high, c_d_high), big_endian);                                         \
  }

// The truth tables of FIPS 180-4, 4.1.1 (Ch, Parity, Maj), with the first operand as the highest bit.
#define CHOOSE 0xca
#define PARITY 0x96
#define MAJORITY 0xe8

#define ROUND(p, vector, t, table, constant)                                                                                    \
  {                                                                                                                             \
    if ((t) >= 16) {                                                                                                            \
      const vector three = p##_ternarylogic_epi32(w[((t) + 13) % 16], w[((t) + 8) % 16], w[((t) + 2) % 16], PARITY);                  \
      w[(t) % 16] = p##_rol_epi32(p##_ternarylogic_epi32(three, w[(t) % 16], w[(t) % 16], 0x3c /* xor of the first two */), 1);       \
    }                                                                                                                           \
    const vector known = p##_add_epi32(p##_add_epi32(e, constant), w[(t) % 16]);                                                  \
    const vector mixed = p##_add_epi32(p##_ternarylogic_epi32(b, c, d, table), p##_rol_epi32(a, 5));                            \
    e = d, d = c, c = p##_rol_epi32(b, 30), b = a, a = p##_add_epi32(known, mixed);                                             \
  }
#define FIVE(p, vector, t, table, constant)                                                                                     \
  ROUND(p, vector, t, table, constant) ROUND(p, vector, (t) + 1, table, constant) ROUND(p, vector, (t) + 2, table, constant)        \
  ROUND(p, vector, (t) + 3, table, constant) ROUND(p, vector, (t) + 4, table, constant)
#define TWENTY(p, vector, t, table, constant)                                                                                   \
  FIVE(p, vector, t, table, constant) FIVE(p, vector, (t) + 5, table, constant)                                                   \
  FIVE(p, vector, (t) + 10, table, constant) FIVE(p, vector, (t) + 15, table, constant)

// Words of all states by their place: words[0] are the first ones.
#define SIDE_BY_SIDE(p, vector, lanes, broadcast)                                                                               \
  WITH_AVX512 static void lanes_##lanes(uint32_t (*words)[MOST_LANES], const uint8_t *const *parts, size_t blocks) {            \
    const vector big_endian = broadcast(_mm_set_epi64x(0x0c0d0e0f08090a0bLL, 0x0405060700010203LL));                            \
    const vector first = p##_set1_epi32(0x5a827999), second = p##_set1_epi32(0x6ed9eba1);                                       \
    const vector third = p##_set1_epi32((int)0x8f1bbcdc), fourth = p##_set1_epi32((int)0xca62c1d6);                             \
    vector state[5], w[16];                                                                                                     \
    for (int word = 0; word < 5; word++) memcpy(&state[word], words[word], sizeof(vector));                                     \
    for (size_t at = 0; at < 64 * blocks; at += 64) {                                                                           \
      vector a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];                                              \
      FOUR_WORDS(p, vector, lanes, 0) FOUR_WORDS(p, vector, lanes, 4)                                                           \
      FOUR_WORDS(p, vector, lanes, 8) FOUR_WORDS(p, vector, lanes, 12)                                                          \
      TWENTY(p, vector, 0, CHOOSE, first) TWENTY(p, vector, 20, PARITY, second)                                                 \
      TWENTY(p, vector, 40, MAJORITY, third) TWENTY(p, vector, 60, PARITY, fourth)                                              \
      state[0] = p##_add_epi32(state[0], a), state[1] = p##_add_epi32(state[1], b), state[2] = p##_add_epi32(state[2], c);      \
      state[3] = p##_add_epi32(state[3], d), state[4] = p##_add_epi32(state[4], e);                                             \
    }                                                                                                                           \
    for (int word = 0; word < 5; word++) memcpy(words[word], &state[word], sizeof(vector));                                     \
  }
#define AS_IT_IS(vector) vector
SIDE_BY_SIDE(_mm, __m128i, 4, AS_IT_IS)
SIDE_BY_SIDE(_mm256, __m256i, 8, _mm256_broadcastsi128_si256)
SIDE_BY_SIDE(_mm512, __m512i, 16, _mm512_broadcast_i32x4)

/** Lanes that nobody uses repeat the first stream; what comes out of them is let go. */
static void side_by_side(size_t count, uint32_t *const *states, const uint8_t *const *parts, size_t blocks) {
  uint32_t words[5][MOST_LANES];
  const uint8_t *lanes[MOST_LANES];
  for (size_t lane = 0; lane < MOST_LANES; lane++) {
    const size_t from = lane < count ? lane : 0;
    lanes[lane] = parts[from];
    for (int word = 0; word < 5; word++) words[word][lane] = states[from][word];
  }
  if (count <= 4) lanes_4(words, lanes, blocks);
  else if (count <= 8) lanes_8(words, lanes, blocks);
  else lanes_16(words, lanes, blocks);
  for (size_t lane = 0; lane < count; lane++)
    for (int word = 0; word < 5; word++) states[lane][word] = words[word][lane];
}

// ---- what the processor can ----------------------------------------------------------------------------------------------------------

/** SHA-NI, and the SSSE3 and SSE4.1 used around it. */
static bool has_sha(void) {
  unsigned int a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

/** These look at what the system saves of a thread, too. */
static bool has_avx512(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}

// ---- what JavaScript sees ------------------------------------------------------------------------------------------------------------

static napi_value refuse(napi_env env, const char *sentence) {
  napi_throw_type_error(env, NULL, sentence);
  return NULL;
}

/** What a typed array of this type holds; false where it is another thing. A detached one holds nothing. */
static bool contents(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length) {
  bool is_typed_array = false;
  napi_typedarray_type type;
  if (napi_is_typedarray(env, value, &is_typed_array) != napi_ok || !is_typed_array) return false;
  if (napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) != napi_ok) return false;
  return type == wanted;
}

static napi_value go_on(napi_env env, napi_callback_info info) {
  size_t count = 2 * MOST_LANES;
  napi_value arguments[2 * MOST_LANES];
  if (napi_get_cb_info(env, info, &count, arguments, NULL, NULL) != napi_ok) return NULL;
  if (count < 2 || count > 2 * MOST_LANES || count % 2 != 0) return refuse(env, "1 to 16 states, each followed by its bytes");
  const size_t streams = count / 2;
  uint32_t *states[MOST_LANES];
  const uint8_t *parts[MOST_LANES];
  size_t size_bytes = 0;
  for (size_t at = 0; at < streams; at++) {
    void *data = NULL;
    size_t length = 0;
    if (!contents(env, arguments[2 * at], napi_uint32_array, &data, &length) || length != 5 || data == NULL)
      return refuse(env, "a state is a Uint32Array of 5");
    states[at] = data;
    if (!contents(env, arguments[2 * at + 1], napi_uint8_array, &data, &length)) return refuse(env, "bytes are a Uint8Array");
    if (length % 64 != 0 || (at > 0 && length != size_bytes)) return refuse(env, "all bytes are equally many, in blocks of 64");
    parts[at] = data;
    size_bytes = length;
  }
  const size_t blocks = size_bytes / 64;
  if (blocks == 0) return NULL;
  if (streams == 2 && parts[0] == parts[1]) two_states(states, parts[0], blocks);
  else if (streams > 2 && has_avx512()) side_by_side(streams, states, parts, blocks);
  else
    for (size_t at = 0; at < streams; at++) one_state(states + at, parts[at], blocks);
  return NULL;
}

/** exports.goOn and .mostLanes (1: nothing is gained by giving it more), where the processor can; nothing otherwise. */
NAPI_MODULE_INIT() {
  napi_value function, lanes;
  if (!has_sha()) return exports;
  if (napi_create_function(env, "goOn", NAPI_AUTO_LENGTH, go_on, NULL, &function) != napi_ok) return NULL;
  if (napi_create_uint32(env, has_avx512() ? MOST_LANES : 1, &lanes) != napi_ok) return NULL;
  if (napi_set_named_property(env, exports, "goOn", function) != napi_ok) return NULL;
  return napi_set_named_property(env, exports, "mostLanes", lanes) == napi_ok ? exports : NULL;
}
