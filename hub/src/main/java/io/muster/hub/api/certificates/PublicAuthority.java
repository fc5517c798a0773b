package io.muster.hub.api.certificates;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.muster.ca.IssuerId;
import io.muster.ca.crl.PublishedCrl;
import io.muster.ca.issuance.IssuedCertificate;
import io.muster.hub.api.access.Needs;
import io.muster.hub.api.http.ApiProblem;
import io.muster.hub.api.http.PublicContent;
import io.muster.hub.api.http.Resource;
import io.muster.hub.api.http.Routes;
import io.muster.hub.certificates.authority.OwnAuthority;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.AbstractList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What everybody may know of the hub's authority: its certificates and what is revoked, at the
 * addresses that certificates name (RFC 5280, 4.2.1.13 and 4.2.2.1), and at those where devices
 * made for EnOS look. Shared; answers from memory.
 */
public final class PublicAuthority implements Resource {

    /** RFC 2585, 4. */
    private static final String CRL = "application/pkix-crl";

    private static final String CERTIFICATE = "application/pkix-cert";

    /** RFC 8555, 9.1. */
    private static final String PEM_CHAIN = "application/pem-certificate-chain";

    private static final String PEM = "application/x-pem-file";

    private static final Duration HOUR = Duration.ofHours(1);

    private static final String BEGIN = "-----BEGIN X509 CRL-----\n";
    private static final String END = "\n-----END X509 CRL-----\n";
    private static final int LINE = 64;

    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(LINE, "\n".getBytes(StandardCharsets.US_ASCII));

    private final OwnAuthority authority;
    private final Clock clock;

    /** Of this authority. */
    public PublicAuthority(OwnAuthority authority, Clock clock) {
        this.authority = authority;
        this.clock = clock;
    }

    @Override
    public void addTo(RoutesConfig routes) {
        Routes.read(routes, "/ca/bundle", Needs.NOTHING, this::bundle);
        Routes.read(routes, "/ca/{issuer}.crt", Needs.NOTHING, this::certificate);
        Routes.read(routes, "/crl/{issuer}.crl", Needs.NOTHING, ctx -> list(ctx, Optional.empty()));
        Routes.read(
                routes,
                "/crl/{issuer}/{partition}.crl",
                Needs.NOTHING,
                ctx -> list(ctx, Optional.of(ctx.pathParam("partition"))));
        Routes.read(routes, "/enos/CA/cacert/{algorithm}", Needs.NOTHING, this::enosCertificate);
        Routes.read(routes, "/enos/CA/crl/{algorithm}", Needs.NOTHING, this::enosLists);
    }

    private void bundle(Context ctx) {
        text(PEM_CHAIN, authority.hierarchy().bundle()).answer(ctx);
    }

    private void certificate(Context ctx) {
        String name = ctx.pathParam("issuer");
        byte[] der = certificate(issuer(name, "/ca/" + name + ".crt")).der();
        bytes(CERTIFICATE, der).answer(ctx);
    }

    private void list(Context ctx, Optional<String> partition) {
        String name = ctx.pathParam("issuer");
        String path = "/crl/" + name + partition.map(index -> "/" + index).orElse("") + ".crl";
        IssuerId issuer = issuer(name, path);
        // Where certificates say that it is, and nowhere else.
        boolean complete = authority.hierarchy().addresses(issuer).lists().isComplete();
        PublishedCrl crl =
                Optional.of(partition.isEmpty() == complete)
                        .filter(fits -> fits)
                        .flatMap(
                                fits ->
                                        partition
                                                .map(PublicAuthority::index)
                                                .orElse(Optional.of(0)))
                        .flatMap(index -> authority.lists().published(issuer, index))
                        .orElseThrow(() -> nothing(path));
        new PublicContent(
                        CRL,
                        crl.length(),
                        crl::open,
                        crl.sha256(),
                        Optional.of(crl.thisUpdate()),
                        crl.cacheFor(clock.instant()))
                .answer(ctx);
    }

    /** A number as addresses write it: each list has one address. */
    private static Optional<Integer> index(String text) {
        return text.matches("0|[1-9][0-9]{0,3}")
                ? Optional.of(Integer.valueOf(text))
                : Optional.empty();
    }

    private IssuerId issuer(String name, String path) {
        return authority.issuers().stream()
                .filter(id -> id.toString().equals(name))
                .findAny()
                .orElseThrow(() -> nothing(path));
    }

    private IssuedCertificate certificate(IssuerId id) {
        return Optional.ofNullable(authority.hierarchy().certificates().get(id)).orElseThrow();
    }

    private static ApiProblem nothing(String path) {
        return ApiProblem.notFound("there is no " + path);
    }

    private void enosCertificate(Context ctx) {
        IssuerId id = authority.hierarchy().activeId(enosIssuer(ctx));
        text(PEM, certificate(id).pem()).answer(ctx);
    }

    /** All lists of the issuer, of all of its generations, one behind the other. */
    private void enosLists(Context ctx) {
        String name = enosIssuer(ctx);
        List<PublishedCrl> lists =
                authority.issuers().stream()
                        .filter(id -> id.authority().equals(name))
                        .flatMap(id -> authority.lists().published(id).stream())
                        .toList();
        String digests = lists.stream().map(PublishedCrl::sha256).collect(Collectors.joining());
        Duration maxAge =
                lists.stream()
                        .map(crl -> crl.cacheFor(clock.instant()))
                        .min(Duration::compareTo)
                        .orElse(Duration.ZERO);
        new PublicContent(
                        PEM,
                        lists.stream().mapToLong(PublicAuthority::pemLength).sum(),
                        () -> pem(lists),
                        digest(digests.getBytes(StandardCharsets.US_ASCII)),
                        Optional.empty(),
                        maxAge)
                .answer(ctx);
    }

    /** Encodes one after the other as they are read, so that never all of them are there. */
    private static InputStream pem(List<PublishedCrl> lists) {
        return new SequenceInputStream(
                Collections.enumeration(
                        new AbstractList<InputStream>() {
                            @Override
                            public InputStream get(int index) {
                                return new ByteArrayInputStream(pem(lists.get(index)));
                            }

                            @Override
                            public int size() {
                                return lists.size();
                            }
                        }));
    }

    private static byte[] pem(PublishedCrl crl) {
        return (BEGIN + LINES.encodeToString(crl.encoded()) + END)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Without making it: four characters for three bytes, and a line feed between lines. */
    private static long pemLength(PublishedCrl crl) {
        long characters = (crl.length() + 2) / 3 * 4L;
        return BEGIN.length() + characters + (characters - 1) / LINE + END.length();
    }

    private static String enosIssuer(Context ctx) {
        String word = ctx.pathParam("algorithm");
        return OwnAuthority.deviceIssuer(word)
                .orElseThrow(
                        () ->
                                ApiProblem.notFound(
                                        "there is no authority '" + word + "', but RSA and ECC"));
    }

    private static PublicContent text(String type, String text) {
        return bytes(type, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static PublicContent bytes(String type, byte[] bytes) {
        return new PublicContent(
                type,
                bytes.length,
                () -> new ByteArrayInputStream(bytes),
                digest(bytes),
                Optional.empty(),
                HOUR);
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("each Java has SHA-256", e);
        }
    }
}
