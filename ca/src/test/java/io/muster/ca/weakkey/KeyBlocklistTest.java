package io.muster.ca.weakkey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.muster.ca.KeyHash;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.StringReader;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.RSAPublicKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.stream.Stream;
import org.bouncycastle.util.BigIntegers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyBlocklistTest {

    private static final String HASH = "0123456789abcdef".repeat(4);

    /** One that the generator of Debian made in 2008, as it is printed in tests of others. */
    private static final String OF_DEBIAN =
            "MIIBCgKCAQEAwJZTDExKND/DiP+LbhTIi2F0hZZt0PdX897LLwPf3+b1GOCUj1OH"
                    + "BZvVqhJPJtOPE53W68I0NgVhaJdY6bFOA/cUUIFnN0y/ZOJOJsPNle1aXQTjxAS+"
                    + "FXu4CQ6a2pzcU+9+gGwed7XxAkIVCiTprfmRCI2vIKdb61S8kf5D3YdVRH/Tq977"
                    + "nxyYeosEGYJFBOIT+N0mqca37S8hA9hCJyD3p0AM40dD5M5ARAxpAT7+oqOXkPzf"
                    + "zLtCTaHYJK3+WAce121Br4NuQJPqYPVxniUPohT4YxFTqB7vwX2C4/gZ2ldpHtlg"
                    + "JVAHT96nOsnlz+EPa5GtwxtALD43CwOlWQIDAQAB";

    /** The first 15 bytes of SHA-256 of its modulus, as another program says. */
    private static final String HASH_OF_DEBIAN = "31c152529eb033a010f8c272fd8d42";

    @TempDir Path folder = Path.of("");

    @Test
    void hasTheKeysOfATextAndNoOthers() throws Exception {
        PublicKey leaked = key("EC");
        PublicKey guessed = key("Ed25519");
        String text =
                "# leaked\n\n"
                        + KeyHash.of(leaked).hex().toUpperCase(Locale.ROOT)
                        + " # by a router\r\n  "
                        + KeyHash.of(guessed);

        KeyBlocklist list = KeyBlocklist.read(new StringReader(text));

        assertThat(list.size()).isEqualTo(2);
        assertThat(isIn(list, leaked)).isTrue();
        assertThat(isIn(list, guessed)).isTrue();
        assertThat(isIn(list, key("EC"))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"abc", "0123456789abcdeg", "0123 4567"})
    void namesTheLineThatIsNoHash(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyBlocklist.read(new StringReader(HASH + "\n\n" + line)))
                .withMessageStartingWith("line 3: ");
    }

    @Test
    void aLineWithoutEndIsNotKept() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyBlocklist.read(new StringReader("#".repeat(1_001))))
                .withMessageStartingWith("line 1: ");
    }

    @Test
    void hasTheKeysOfRecordsWhateverTheirKind() throws Exception {
        RSAPublicKey rsa = (RSAPublicKey) key("RSA");
        ECPublicKey ec = (ECPublicKey) key("EC");
        PublicKey ed25519 = key("Ed25519");
        byte[] raw = Arrays.copyOfRange(ed25519.getEncoded(), 12, 44);

        KeyBlocklist list =
                KeyBlocklist.read(
                        records(
                                rsa.getModulus(),
                                ec.getW().getAffineX(),
                                new BigInteger(1, raw),
                                BigInteger.TEN));

        assertThat(list.size()).isEqualTo(4);
        assertThat(isIn(list, rsa)).isTrue();
        assertThat(isIn(list, ec)).isTrue();
        assertThat(isIn(list, ed25519)).isTrue();
        assertThat(isIn(list, key("RSA"))).isFalse();
        assertThat(isIn(list, key("Ed25519"))).isFalse();
    }

    /** What is known of the modulus holds for whatever exponent. */
    @Test
    void knowsAKeyOfDebianByTheHashThatOthersHaveOfIt() throws Exception {
        org.bouncycastle.asn1.pkcs.RSAPublicKey numbers =
                org.bouncycastle.asn1.pkcs.RSAPublicKey.getInstance(
                        Base64.getDecoder().decode(OF_DEBIAN));
        PublicKey key =
                KeyFactory.getInstance("RSA")
                        .generatePublic(
                                new RSAPublicKeySpec(
                                        numbers.getModulus(), BigInteger.valueOf(65_539)));

        byte[] record = HexFormat.of().parseHex(HASH_OF_DEBIAN + "01");
        KeyBlocklist list = KeyBlocklist.read(Files.write(folder.resolve("one.dat"), record));

        assertThat(isIn(list, key)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"blocklist.dat", "list.txt"})
    void aListWithoutKeysIsNone(String name) throws IOException {
        Path empty = Files.createFile(folder.resolve(name));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyBlocklist.read(empty))
                .withMessage("no key is in it");
    }

    @Test
    void aKeyThatComesTwiceCountsOnce() throws Exception {
        PublicKey key = key("EC");
        String hash = KeyHash.of(key).hex();

        KeyBlocklist list = KeyBlocklist.read(new StringReader(hash + "\n" + hash));

        assertThat(list.and(list).size()).isEqualTo(1);
        assertThat(isIn(list.and(list), key)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 17 bytes: not up to 10000000 records of 16 bytes",
        "16, record 2: below the one before it; is the file packed?"
    })
    void recordsThatAreNoneAreRefused(int more, String message) throws IOException {
        byte[] content = new byte[16 + more];
        Arrays.fill(content, 0, 16, (byte) 0xFF);
        Path file = Files.write(folder.resolve("blocklist.dat"), content);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> KeyBlocklist.read(file))
                .withMessage(message);
    }

    @Test
    void severalListsMakeOne() throws Exception {
        PublicKey one = key("EC");
        PublicKey two = key("EC");
        RSAPublicKey three = (RSAPublicKey) key("RSA");
        Path text = Files.writeString(folder.resolve("list.txt"), KeyHash.of(one).hex());

        KeyBlocklist all =
                KeyBlocklist.read(text)
                        .and(KeyBlocklist.read(new StringReader(KeyHash.of(two).hex())))
                        .and(KeyBlocklist.read(records(three.getModulus())));

        assertThat(Stream.of(one, two, three)).allMatch(key -> isIn(all, key));
        assertThat(all.size()).isEqualTo(3);
    }

    /** Of RFC 8032, 7.1, TEST 1, and RFC 6979, A.2.5: the public halves, as they are printed. */
    @ParameterizedTest
    @CsvSource({
        "Ed25519, 302a300506032b6570032100"
                + "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "EC, 3059301306072a8648ce3d020106082a8648ce3d03010703420004"
                + "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
                + "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299"
    })
    void keysOfExamplesArePublished(String algorithm, String encoded) throws Exception {
        PublicKey key =
                KeyFactory.getInstance(algorithm)
                        .generatePublic(new X509EncodedKeySpec(HexFormat.of().parseHex(encoded)));

        assertThat(isIn(KeyBlocklist.published(), key)).isTrue();
    }

    @Test
    void allPublishedKeysAreRead() {
        assertThat(KeyBlocklist.published().size()).isEqualTo(12);
    }

    private static boolean isIn(KeyBlocklist list, PublicKey key) {
        return list.contains(KeyHash.of(key), key);
    }

    private static PublicKey key(String algorithm) throws GeneralSecurityException {
        return KeyPairGenerator.getInstance(algorithm).generateKeyPair().getPublic();
    }

    /** As badkeys has them: 15 bytes of each hash and one of its source, sorted. */
    private Path records(BigInteger... numbers) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        Stream.of(numbers)
                .map(number -> digest.digest(BigIntegers.asUnsignedByteArray(number)))
                .sorted(Arrays::compareUnsigned)
                .forEach(
                        hash -> {
                            content.write(hash, 0, 15);
                            content.write(3);
                        });
        return Files.write(folder.resolve("blocklist.dat"), content.toByteArray());
    }
}
