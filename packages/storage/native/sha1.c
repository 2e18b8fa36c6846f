// SHA-1 (FIPS 180-4) of up to 16 streams at once, on processors with SHA-NI. What bounds one stream is that each round waits for the one
// before; what bounds two is the message schedule. So the same bytes for two states go in one pass, with one schedule; with AVX-512, whose
// rotation and three-way logic make a schedule cheaper than SHA-NI's own instructions for it, also two with other bytes, and from five on
// each has a lane of ordinary registers.
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
#define WITH_SHA __attribute__((target("sha,sse4.1,ssse3")))
#define WITH_SHA_AVX512 __attribute__((target("sha,sse4.1,ssse3,avx512f,avx512vl")))
#define WITH_AVX512 __attribute__((target("avx512f,avx512bw,avx512vl")))

// ---- one stream or two: SHA-NI -------------------------------------------------------------------------------------------------------

// Words 4 * group … of a schedule, whose last 32 are in w. From the 33rd on none waits for another of the same four:
// w[t] = rol2(w[t-6] ^ w[t-16] ^ w[t-28] ^ w[t-32]), which is FIPS 180-4's w[t] = rol1(w[t-3] ^ w[t-8] ^ w[t-14] ^ w[t-16]) put into itself.
#define BY_SHA(w, group) \
  _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(w[(group + 4) % 8], w[(group + 5) % 8]), w[(group + 6) % 8]), w[(group + 7) % 8])
#define XOR(one, two, three) _mm_ternarylogic_epi32(one, two, three, 0x96)
#define BY_ROTATION(w, group) \
  _mm_rol_epi32(XOR(XOR(_mm_alignr_epi8(w[(group + 6) % 8], w[(group + 7) % 8], 8), w[(group + 4) % 8], w[(group + 1) % 8]), \
                    w[group % 8], _mm_setzero_si128()), \
                2)

// Four rounds take the next four words; the kind of round is an immediate of the instruction.
#define FOUR_ROUNDS_OF(state, words, group) \
  { \
    const __m128i e = group == 0 ? _mm_add_epi32(before[state], words[0]) : _mm_sha1nexte_epu32(before[state], words[group % 8]); \
    before[state] = abcd[state]; \
    abcd[state] = _mm_sha1rnds4_epu32(abcd[state], e, group / 5); \
  }
#define FOUR_ROUNDS(group, late) \
  if (group >= 4) w[0][group % 8] = group < 8 ? BY_SHA(w[0], group) : late(w[0], group); \
  if (group >= 4 && schedules == 2) w[1][group % 8] = group < 8 ? BY_SHA(w[1], group) : late(w[1], group); \
  FOUR_ROUNDS_OF(0, w[0], group) \
  if (states == 2) FOUR_ROUNDS_OF(1, w[schedules - 1], group)

// `states` is 1 or 2, `schedules` how many different bytes they have.
#define IN_SHA_REGISTERS(name, with, late) \
  with static inline __attribute__((always_inline)) void name(const int states, const int schedules, uint32_t *const *state, \
                                                              const uint8_t *const *parts, size_t blocks) { \
    const __m128i big_endian = _mm_set_epi64x(0x0001020304050607LL, 0x08090a0b0c0d0e0fLL); \
    __m128i abcd[2], e_at_start[2], abcd_at_start[2], before[2], w[2][8]; \
    for (int at = 0; at < states; at++) { \
      abcd[at] = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *)state[at]), 0x1b); \
      e_at_start[at] = _mm_set_epi32((int)state[at][4], 0, 0, 0); \
    } \
    for (size_t block = 0; block < blocks; block++) { \
      for (int at = 0; at < states; at++) { \
        abcd_at_start[at] = abcd[at]; \
        before[at] = e_at_start[at]; \
      } \
      for (int at = 0; at < schedules; at++) { \
        const __m128i *const bytes = (const __m128i *)(parts[at] + 64 * block); \
        w[at][0] = _mm_shuffle_epi8(_mm_loadu_si128(bytes), big_endian); \
        w[at][1] = _mm_shuffle_epi8(_mm_loadu_si128(bytes + 1), big_endian); \
        w[at][2] = _mm_shuffle_epi8(_mm_loadu_si128(bytes + 2), big_endian); \
        w[at][3] = _mm_shuffle_epi8(_mm_loadu_si128(bytes + 3), big_endian); \
      } \
      FOUR_ROUNDS(0, late) FOUR_ROUNDS(1, late) FOUR_ROUNDS(2, late) FOUR_ROUNDS(3, late) FOUR_ROUNDS(4, late) \
      FOUR_ROUNDS(5, late) FOUR_ROUNDS(6, late) FOUR_ROUNDS(7, late) FOUR_ROUNDS(8, late) FOUR_ROUNDS(9, late) \
      FOUR_ROUNDS(10, late) FOUR_ROUNDS(11, late) FOUR_ROUNDS(12, late) FOUR_ROUNDS(13, late) FOUR_ROUNDS(14, late) \
      FOUR_ROUNDS(15, late) FOUR_ROUNDS(16, late) FOUR_ROUNDS(17, late) FOUR_ROUNDS(18, late) FOUR_ROUNDS(19, late) \
      for (int at = 0; at < states; at++) { \
        e_at_start[at] = _mm_sha1nexte_epu32(before[at], e_at_start[at]); \
        abcd[at] = _mm_add_epi32(abcd[at], abcd_at_start[at]); \
      } \
    } \
    for (int at = 0; at < states; at++) { \
      _mm_storeu_si128((__m128i *)state[at], _mm_shuffle_epi32(abcd[at], 0x1b)); \
      state[at][4] = (uint32_t)_mm_extract_epi32(e_at_start[at], 3); \
    } \
  }
IN_SHA_REGISTERS(in_sha, WITH_SHA, BY_SHA)
IN_SHA_REGISTERS(in_sha_and_avx512, WITH_SHA_AVX512, BY_ROTATION)

#define KERNEL(name, with, way, states, schedules) \
  with static void name(uint32_t *const *state, const uint8_t *const *parts, size_t blocks) { way(states, schedules, state, parts, blocks); }
KERNEL(one, WITH_SHA, in_sha, 1, 1)
KERNEL(two_of_same, WITH_SHA, in_sha, 2, 1)
KERNEL(fast_one, WITH_SHA_AVX512, in_sha_and_avx512, 1, 1)
KERNEL(fast_two_of_same, WITH_SHA_AVX512, in_sha_and_avx512, 2, 1)
KERNEL(fast_two, WITH_SHA_AVX512, in_sha_and_avx512, 2, 2)

// ---- 8 or 16 streams, each in a lane of its own: AVX-512 -----------------------------------------------------------------------------

// 16 bytes of each fourth stream, from `first` on, in one register.
WITH_AVX512 static inline __m128i gather_4(const uint8_t *const *parts, int first, size_t at) {
  return _mm_loadu_si128((const __m128i *)(parts[first] + at));
}
WITH_AVX512 static inline __m256i gather_8(const uint8_t *const *parts, int first, size_t at) {
  const __m256i low = _mm256_castsi128_si256(gather_4(parts, first, at));
  return _mm256_inserti32x4(low, gather_4(parts, first + 4, at), 1);
}
WITH_AVX512 static inline __m512i gather_16(const uint8_t *const *parts, int first, size_t at) {
  const __m512i low = _mm512_castsi256_si512(gather_8(parts, first, at));
  return _mm512_inserti64x4(low, gather_8(parts, first + 8, at), 1);
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
  if (count <= 8) lanes_8(words, lanes, blocks);
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

/** These look at what the system saves of a thread, too. Tests compile it as for a processor that has none. */
static bool has_avx512(void) {
#ifdef WITHOUT_AVX512
  return false;
#else
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
#endif
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
  const bool fast = has_avx512();
  if (fast && streams > 2) side_by_side(streams, states, parts, blocks);
  else if (fast && streams == 2) (parts[0] == parts[1] ? fast_two_of_same : fast_two)(states, parts, blocks);
  else if (streams == 2 && parts[0] == parts[1]) two_of_same(states, parts, blocks);
  else
    for (size_t at = 0; at < streams; at++) (fast ? fast_one : one)(states + at, parts + at, blocks);
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
