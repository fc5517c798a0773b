package io.muster.ca.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.muster.ca.RequestRefusedException;
import io.muster.ca.weakkey.TestKeys;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.ASN1Sequence;
import org.bouncycastle.asn1.ASN1Set;
import org.bouncycastle.asn1.ASN1TaggedObject;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.DERBitString;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.DERSequence;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERTaggedObject;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;

/** Whatever the bytes are, the answer is a request or a refusal, and comes soon. */
class HostileRequestTest {

    private static final long LIMIT_MILLIS = 100;

    private static final GeneralNames OWN =
            new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, Desk.URI));

    private static final List<RequestBuilder> GOOD =
            List.of(
                    named(RequestBuilder.of(TestKeys.RSA_2048)),
                    named(RequestBuilder.of(TestKeys.P256)),
                    named(RequestBuilder.of(TestKeys.ED25519)));

    private static final List<byte[]> GOOD_BYTES = GOOD.stream().map(RequestBuilder::der).toList();

    @Property(tries = 1_000)
    void anyBytes(@ForAll @Size(max = 200) byte[] bytes) {
        assertThat(answer(bytes)).isEmpty();
    }

    @Property(tries = 1_500)
    void flippedBits(
            @ForAll @IntRange(max = 2) int which,
            @ForAll @Size(min = 1, max = 3) List<@IntRange(max = 1 << 16) Integer> bits) {
        byte[] bytes = GOOD_BYTES.get(which).clone();
        for (int bit : bits) {
            bytes[bit / 8 % bytes.length] ^= (byte) (1 << bit % 8);
        }

        if (!Arrays.equals(bytes, GOOD_BYTES.get(which))) {
            assertThat(answer(bytes)).isEmpty();
        }
    }

    @Property(tries = 300)
    void truncated(
            @ForAll @IntRange(max = 2) int which, @ForAll @IntRange(max = 2_000) int length) {
        byte[] good = GOOD_BYTES.get(which);
        if (length < good.length) {
            assertThat(answer(Arrays.copyOf(good, length))).isEmpty();
        }
    }

    @Property(tries = 1_000)
    void spliced(
            @ForAll @IntRange(max = 2) int first,
            @ForAll @IntRange(max = 2) int second,
            @ForAll @IntRange(max = 1_200) int from,
            @ForAll @IntRange(max = 1_200) int to) {
        byte[] head = GOOD_BYTES.get(first);
        byte[] tail = GOOD_BYTES.get(second);
        int end = Math.min(from, head.length);
        int start = Math.min(to, tail.length);
        byte[] bytes = Arrays.copyOf(head, end + tail.length - start);
        System.arraycopy(tail, start, bytes, end, tail.length - start);

        if (!Arrays.equals(bytes, head) && !Arrays.equals(bytes, tail)) {
            assertThat(answer(bytes)).isEmpty();
        }
    }

    /** Each part of a request by something else of ASN.1, and then signed: as far as it comes. */
    @Property(tries = 1_000)
    void replacedParts(@ForAll @IntRange(max = 2) int which, @ForAll Random random) {
        RequestBuilder good = GOOD.get(which);
        ASN1Encodable info = replaceOne(good.info(), random);

        Optional<AcceptedRequest> answer = answer(good.der(info));

        answer.ifPresent(
                accepted -> assertThat(hex(info)).contains(hex(accepted.subjectPublicKeyInfo())));
    }

    @Property(tries = 500)
    void replacedPartsOfTheEnvelope(@ForAll @IntRange(max = 2) int which, @ForAll Random random)
            throws Exception {
        ASN1Sequence request = ASN1Sequence.getInstance(GOOD_BYTES.get(which));

        answer(replaceOne(request, random).toASN1Primitive().getEncoded("DER"));
    }

    /** What comes of these bytes, if it is no refusal; and it must come in time. */
    private static Optional<AcceptedRequest> answer(byte[] bytes) {
        // A pause of the machine is none of ours, so a slow one is asked again
        for (int attempt = 0; attempt < 5; attempt++) {
            long start = System.nanoTime();
            Optional<AcceptedRequest> answer = ask(bytes);
            if (TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) < LIMIT_MILLIS) {
                return answer;
            }
        }
        return fail("takes more than " + LIMIT_MILLIS + " ms each time");
    }

    private static Optional<AcceptedRequest> ask(byte[] bytes) {
        try {
            return Optional.of(new Desk().accept(bytes));
        } catch (RequestRefusedException e) {
            assertThat(e.getMessage()).hasSizeBetween(20, 800);
            return Optional.empty();
        }
    }

    private static RequestBuilder named(RequestBuilder request) {
        return request.subject("CN=dev1,OU=pk1,O=Maker")
                .extension(Extension.subjectAlternativeName, OWN);
    }

    private static String hex(ASN1Encodable object) {
        try {
            return HexFormat.of().formatHex(object.toASN1Primitive().getEncoded("DER"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same, but for one of its parts. */
    private static ASN1Encodable replaceOne(ASN1Encodable whole, Random random) {
        List<ASN1Encodable> parts = partsOf(whole);
        if (parts.isEmpty() || random.nextInt(8) == 0) {
            return somethingElse(whole, random);
        }
        int which = random.nextInt(parts.size());
        ASN1EncodableVector changed = new ASN1EncodableVector();
        for (int i = 0; i < parts.size(); i++) {
            if (i != which) {
                changed.add(parts.get(i));
            } else if (random.nextInt(8) != 0) {
                changed.add(replaceOne(parts.get(i), random));
            }
        }
        if (whole.toASN1Primitive() instanceof ASN1TaggedObject tagged) {
            return changed.size() == 0
                    ? DERNull.INSTANCE
                    : new DERTaggedObject(false, tagged.getTagNo(), changed.get(0));
        }
        return whole.toASN1Primitive() instanceof ASN1Set
                ? new DERSet(changed)
                : new DERSequence(changed);
    }

    private static List<ASN1Encodable> partsOf(ASN1Encodable whole) {
        List<ASN1Encodable> parts = new ArrayList<>();
        if (whole.toASN1Primitive() instanceof ASN1Sequence sequence) {
            sequence.forEach(parts::add);
        } else if (whole.toASN1Primitive() instanceof ASN1Set set) {
            set.forEach(parts::add);
        } else if (whole.toASN1Primitive() instanceof ASN1TaggedObject tagged) {
            parts.add(ASN1Set.getInstance(tagged, false));
        }
        return parts;
    }

    private static ASN1Encodable somethingElse(ASN1Encodable before, Random random) {
        byte[] bytes = new byte[random.nextInt(40)];
        random.nextBytes(bytes);
        return switch (random.nextInt(14)) {
            case 0 -> DERNull.INSTANCE;
            case 1 -> new ASN1Integer(new BigInteger(1 + random.nextInt(8_000), random));
            case 2 -> new ASN1Integer(new BigInteger(64, random).negate());
            case 3 -> new ASN1ObjectIdentifier("1.2." + new BigInteger(2_000, random));
            case 4 -> new ASN1ObjectIdentifier("2.5.4." + random.nextInt(100));
            case 5 -> new DERSequence();
            case 6 -> new DERSet();
            case 7 -> new DEROctetString(bytes);
            case 8 -> new DERBitString(bytes, bytes.length == 0 ? 0 : random.nextInt(8));
            case 9 -> new DERUTF8String("x".repeat(random.nextInt(5_000)));
            case 10 -> new DERBMPString("\ud800\n\0");
            case 11 -> new DERTaggedObject(random.nextBoolean(), random.nextInt(4), before);
            case 12 -> new DERSequence(new ASN1Encodable[] {before, before});
            default -> nested(before, random.nextInt(30));
        };
    }

    private static ASN1Encodable nested(ASN1Encodable core, int depth) {
        ASN1Encodable whole = core;
        for (int i = 0; i < depth; i++) {
            whole = new DERSequence(whole);
        }
        return whole;
    }
}
