package dev.strongroom.crypto;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The functions of OpenSSL's libcrypto, version 3, that {@link OpenSslEngine} needs: the library that
 * the operating system ships and mends. Loading the class loads the library, or fails.
 *
 * <p>Each method does what the manual page of its functions says, frees what it allocated, and throws
 * {@link Failed} where a call did not succeed.
 *
 * @see <a href="https://docs.openssl.org/3.0/man3/">The manual</a>
 */
final class LibCrypto {
  /** A call that did not succeed; the library's own words stay in the library. */
  static final class Failed extends RuntimeException {
    Failed(String function) {
      super(function + " failed", null, false, false);
    }
  }

  private static final SymbolLookup LIBRARY = library();

  private static final MethodHandle INIT =
      find("OPENSSL_init_crypto", FunctionDescriptor.of(JAVA_INT, JAVA_LONG, ADDRESS));
  private static final MethodHandle VERSION =
      find("OpenSSL_version", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  private static final MethodHandle CLEAR_ERRORS =
      find("ERR_clear_error", FunctionDescriptor.ofVoid());
  private static final MethodHandle CONTEXT_FROM_NAME =
      find(
          "EVP_PKEY_CTX_new_from_name",
          FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle CONTEXT_FROM_KEY =
      find(
          "EVP_PKEY_CTX_new_from_pkey",
          FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle CONTEXT_FREE =
      find("EVP_PKEY_CTX_free", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle FROM_DATA_INIT = onContext("EVP_PKEY_fromdata_init");
  private static final MethodHandle FROM_DATA =
      find(
          "EVP_PKEY_fromdata",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT, ADDRESS));
  private static final MethodHandle KEY_FREE =
      find("EVP_PKEY_free", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle GENERATE_INIT = onContext("EVP_PKEY_keygen_init");
  private static final MethodHandle SET_PARAMETERS =
      find("EVP_PKEY_CTX_set_params", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle GENERATE =
      find("EVP_PKEY_generate", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle NUMBER =
      find(
          "EVP_PKEY_get_bn_param",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS));
  private static final MethodHandle NUMBER_BITS =
      find("BN_num_bits", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle NUMBER_TO_BYTES =
      find("BN_bn2binpad", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle NUMBER_WIPE =
      find("BN_clear_free", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle RSA_PADDING =
      find("EVP_PKEY_CTX_set_rsa_padding", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle ENCRYPT_INIT = onContext("EVP_PKEY_encrypt_init");
  private static final MethodHandle ENCRYPT = transforming("EVP_PKEY_encrypt");
  private static final MethodHandle DECRYPT_INIT = onContext("EVP_PKEY_decrypt_init");
  private static final MethodHandle DECRYPT = transforming("EVP_PKEY_decrypt");
  private static final MethodHandle SIGN_INIT = onContext("EVP_PKEY_sign_init");
  private static final MethodHandle SIGN = transforming("EVP_PKEY_sign");
  private static final MethodHandle VERIFY_INIT = onContext("EVP_PKEY_verify_init");
  private static final MethodHandle VERIFY =
      find(
          "EVP_PKEY_verify",
          FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS, JAVA_LONG));

  /** So that the end of the process does not tear down what other threads still use. */
  private static final long INIT_NO_ATEXIT = 0x0008_0000L;

  private static final long INIT_LOAD_CONFIG = 0x0000_0040L;
  private static final int VERSION_TEXT = 0;

  private static final int PUBLIC_KEY = 0x86;
  private static final int KEY_PAIR = 0x87;
  private static final int NO_PADDING = 3;

  private static final int UNSIGNED_INTEGER = 2;
  private static final int UTF8_STRING = 4;
  private static final int OCTET_STRING = 5;

  /** One element of an array of OSSL_PARAM: key, type, data, size, size on return. */
  private static final MemoryLayout PARAMETER =
      MemoryLayout.structLayout(
          ADDRESS.withName("key"),
          JAVA_INT.withName("type"),
          MemoryLayout.paddingLayout(4),
          ADDRESS.withName("data"),
          JAVA_LONG.withName("size"),
          JAVA_LONG.withName("return"));

  private static final String TEXT = start();

  private LibCrypto() {}

  /** Such as "OpenSSL 3.0.19 27 Jan 2026". */
  static String version() {
    return TEXT;
  }

  /** Numbers and strings by which a key is made (provider-keymgmt(7), EVP_PKEY-RSA(7), -EC(7)). */
  static final class Parameters {
    private record One(String key, int type, byte[] data) {}

    private final List<One> all = new ArrayList<>();

    /** A number that is given big-endian; the library takes it little-endian, as x86 and ARM are. */
    Parameters number(String key, byte[] bigEndian) {
      byte[] reversed = new byte[bigEndian.length];
      for (int i = 0; i < reversed.length; i++) {
        reversed[i] = bigEndian[bigEndian.length - 1 - i];
      }
      all.add(new One(key, UNSIGNED_INTEGER, reversed));
      return this;
    }

    Parameters bytes(String key, byte[] bytes) {
      all.add(new One(key, OCTET_STRING, bytes.clone()));
      return this;
    }

    Parameters text(String key, String text) {
      all.add(
          new One(key, UTF8_STRING, text.getBytes(StandardCharsets.US_ASCII)));
      return this;
    }

    private MemorySegment in(Wiped memory) {
      // one more, all zero, ends the array
      MemorySegment array = memory.zeros(PARAMETER.byteSize() * (all.size() + 1L));
      for (int i = 0; i < all.size(); i++) {
        One one = all.get(i);
        MemorySegment at = array.asSlice(i * PARAMETER.byteSize(), PARAMETER.byteSize());
        at.set(ADDRESS, 0, memory.text(one.key));
        at.set(JAVA_INT, 8, one.type);
        at.set(ADDRESS, 16, memory.copy(one.data));
        at.set(JAVA_LONG, 24, one.data.length);
      }
      return array;
    }

    private void wipe() {
      all.forEach(one -> Arrays.fill(one.data, (byte) 0));
    }
  }

  /** A key of the library; the caller frees it. The parameters are wiped. */
  static MemorySegment key(String type, Parameters parameters, boolean pair) {
    try (Wiped memory = new Wiped()) {
      MemorySegment context = context(memory, type);
      try {
        succeed("EVP_PKEY_fromdata_init", (int) FROM_DATA_INIT.invokeExact(context));
        MemorySegment made = memory.zeros(ADDRESS.byteSize());
        succeed(
            "EVP_PKEY_fromdata",
            (int)
                FROM_DATA.invokeExact(
                    context, made, pair ? KEY_PAIR : PUBLIC_KEY, parameters.in(memory)));
        return made.get(ADDRESS, 0);
      } finally {
        CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    } finally {
      parameters.wipe();
    }
  }

  /** A new key; the caller frees it. */
  static MemorySegment generate(String type, Parameters parameters) {
    try (Wiped memory = new Wiped()) {
      MemorySegment context = context(memory, type);
      try {
        succeed("EVP_PKEY_keygen_init", (int) GENERATE_INIT.invokeExact(context));
        succeed(
            "EVP_PKEY_CTX_set_params",
            (int) SET_PARAMETERS.invokeExact(context, parameters.in(memory)));
        MemorySegment made = memory.zeros(ADDRESS.byteSize());
        succeed("EVP_PKEY_generate", (int) GENERATE.invokeExact(context, made));
        return made.get(ADDRESS, 0);
      } finally {
        CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static void free(MemorySegment key) {
    try {
      KEY_FREE.invokeExact(key);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** One number of a key, big-endian without leading zeros. */
  static byte[] number(MemorySegment key, String name) {
    try (Wiped memory = new Wiped()) {
      MemorySegment found = memory.zeros(ADDRESS.byteSize());
      succeed(
          "EVP_PKEY_get_bn_param", (int) NUMBER.invokeExact(key, memory.text(name), found));
      MemorySegment number = found.get(ADDRESS, 0);
      try {
        int length = ((int) NUMBER_BITS.invokeExact(number) + 7) / 8;
        MemorySegment bytes = memory.zeros(length);
        if ((int) NUMBER_TO_BYTES.invokeExact(number, bytes, length) != length) {
          throw new Failed("BN_bn2binpad");
        }
        return bytes.toArray(JAVA_BYTE);
      } finally {
        NUMBER_WIPE.invokeExact(number);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A block to the private exponent. */
  static byte[] rsaPrivate(MemorySegment key, byte[] block) {
    try (Wiped memory = new Wiped()) {
      MemorySegment context = context(key);
      try {
        succeed("EVP_PKEY_decrypt_init", (int) DECRYPT_INIT.invokeExact(context));
        succeed("padding", (int) RSA_PADDING.invokeExact(context, NO_PADDING));
        MemorySegment out = memory.zeros(block.length);
        MemorySegment length = memory.length(block.length);
        succeed(
            "EVP_PKEY_decrypt",
            (int)
                DECRYPT.invokeExact(
                    context, out, length, memory.copy(block), (long) block.length));
        return whole(out, length);
      } finally {
        CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A block to the public exponent. */
  static byte[] rsaPublic(MemorySegment key, byte[] block) {
    try (Wiped memory = new Wiped()) {
      MemorySegment context = context(key);
      try {
        succeed("EVP_PKEY_encrypt_init", (int) ENCRYPT_INIT.invokeExact(context));
        succeed("padding", (int) RSA_PADDING.invokeExact(context, NO_PADDING));
        MemorySegment out = memory.zeros(block.length);
        MemorySegment length = memory.length(block.length);
        succeed(
            "EVP_PKEY_encrypt",
            (int)
                ENCRYPT.invokeExact(
                    context, out, length, memory.copy(block), (long) block.length));
        return whole(out, length);
      } finally {
        CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** A signature over a digest, in the library's form (DER for ECDSA), of at most so many bytes. */
  static byte[] sign(MemorySegment key, byte[] digest, int most) {
    try (Wiped memory = new Wiped()) {
      MemorySegment context = context(key);
      try {
        succeed("EVP_PKEY_sign_init", (int) SIGN_INIT.invokeExact(context));
        MemorySegment out = memory.zeros(most);
        MemorySegment length = memory.length(most);
        succeed(
            "EVP_PKEY_sign",
            (int)
                SIGN.invokeExact(
                    context, out, length, memory.copy(digest), (long) digest.length));
        return out.asSlice(0, length.get(JAVA_LONG, 0)).toArray(JAVA_BYTE);
      } finally {
        CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  static boolean verify(MemorySegment key, byte[] digest, byte[] signature) {
    try (Wiped memory = new Wiped()) {
      MemorySegment context = context(key);
      try {
        succeed("EVP_PKEY_verify_init", (int) VERIFY_INIT.invokeExact(context));
        int verified =
            (int)
                VERIFY.invokeExact(
                    context,
                    memory.copy(signature),
                    (long) signature.length,
                    memory.copy(digest),
                    (long) digest.length);
        if (verified != 1) {
          CLEAR_ERRORS.invokeExact();
        }
        return verified == 1;
      } finally {
        CONTEXT_FREE.invokeExact(context);
      }
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Memory outside the heap for one call, overwritten with zeros at its end. */
  private static final class Wiped implements AutoCloseable {
    private final Arena arena = Arena.ofConfined();
    private final List<MemorySegment> used = new ArrayList<>(4);

    MemorySegment zeros(long length) {
      MemorySegment segment = arena.allocate(Math.max(length, 1), 8);
      used.add(segment);
      return segment;
    }

    MemorySegment copy(byte[] bytes) {
      MemorySegment segment = zeros(bytes.length);
      MemorySegment.copy(bytes, 0, segment, JAVA_BYTE, 0, bytes.length);
      return segment;
    }

    MemorySegment length(long length) {
      MemorySegment segment = zeros(JAVA_LONG.byteSize());
      segment.set(JAVA_LONG, 0, length);
      return segment;
    }

    MemorySegment text(String text) {
      return arena.allocateFrom(text);
    }

    @Override
    public void close() {
      used.forEach(segment -> segment.fill((byte) 0));
      arena.close();
    }
  }

  private static MemorySegment context(Wiped memory, String type) throws Throwable {
    return present(
        "EVP_PKEY_CTX_new_from_name",
        (MemorySegment)
            CONTEXT_FROM_NAME.invokeExact(
                MemorySegment.NULL, memory.text(type), MemorySegment.NULL));
  }

  private static MemorySegment context(MemorySegment key) throws Throwable {
    return present(
        "EVP_PKEY_CTX_new_from_pkey",
        (MemorySegment)
            CONTEXT_FROM_KEY.invokeExact(MemorySegment.NULL, key, MemorySegment.NULL));
  }

  private static byte[] whole(MemorySegment out, MemorySegment length) {
    if (length.get(JAVA_LONG, 0) != out.byteSize()) {
      throw new Failed("an RSA block of the wrong length");
    }
    return out.toArray(JAVA_BYTE);
  }

  private static MemorySegment present(String function, MemorySegment pointer) throws Throwable {
    if (pointer.equals(MemorySegment.NULL)) {
      succeed(function, 0);
    }
    return pointer;
  }

  private static void succeed(String function, int result) throws Throwable {
    if (result != 1) {
      // because the queue of errors belongs to the thread, and the next call would find them
      CLEAR_ERRORS.invokeExact();
      throw new Failed(function);
    }
  }

  private static RuntimeException unexpected(Throwable e) {
    if (e instanceof RuntimeException known) {
      return known;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("calling libcrypto", e);
  }

  private static String start() {
    try {
      int started =
          (int) INIT.invokeExact(INIT_NO_ATEXIT | INIT_LOAD_CONFIG, MemorySegment.NULL);
      succeed("OPENSSL_init_crypto", started);
      MemorySegment text = (MemorySegment) VERSION.invokeExact(VERSION_TEXT);
      return bounded(text).getString(0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  @SuppressWarnings("restricted")
  private static MemorySegment bounded(MemorySegment text) {
    return text.reinterpret(256);
  }

  @SuppressWarnings("restricted")
  private static SymbolLookup library() {
    String name =
        System.getProperty("os.name").startsWith("Mac") ? "libcrypto.3.dylib" : "libcrypto.so.3";
    return SymbolLookup.libraryLookup(name, Arena.global());
  }

  private static MethodHandle onContext(String name) {
    return find(name, FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  /** Context, out, length of out, in, length of in. */
  private static MethodHandle transforming(String name) {
    return find(
        name, FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  }

  @SuppressWarnings("restricted")
  private static MethodHandle find(String name, FunctionDescriptor type) {
    return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), type);
  }
}
