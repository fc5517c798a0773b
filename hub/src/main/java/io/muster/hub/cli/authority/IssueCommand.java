package io.muster.hub.cli.authority;

import io.muster.ca.DeviceUrn;
import io.muster.ca.RequestRefusedException;
import io.muster.ca.file.DurableFile;
import io.muster.ca.key.KeyKind;
import io.muster.ca.key.KeyUnusableException;
import io.muster.ca.weakkey.KeyBlocklist;
import io.muster.hub.OfflineAuthority;
import io.muster.hub.certificates.authority.OperatorOrder;
import io.muster.hub.certificates.authority.OrderedCertificate;
import io.muster.hub.certificates.authority.OwnAuthority;
import io.muster.hub.certificates.enrolment.CompromisedKeys;
import io.muster.hub.cli.options.ApiOptions;
import io.muster.hub.cli.options.CommandFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code muster ca issue}: for a device, or for a server that is not this hub. */
@Command(
        name = "issue",
        description = {
            "Issues a certificate for a device, or with --server for a server other than this hub."
        })
final class IssueCommand implements Callable<Integer> {

    private static final Base64.Encoder LINES =
            Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII));

    @Mixin private ApiOptions api = new ApiOptions();

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "PRODUCT",
            description = "Key of the product.")
    private Optional<String> product = Optional.empty();

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "DEVICE",
            description = "Key of the device.")
    private Optional<String> device = Optional.empty();

    @Option(
            names = "--server",
            split = ",",
            paramLabel = "NAME",
            description = {"Instead the hosts and addresses of a server: hub2.example,10.0.0.2."})
    private List<String> server = List.of();

    @Option(names = "--csr", paramLabel = "FILE", description = "The signing request, in PEM.")
    private Optional<Path> request = Optional.empty();

    @Option(
            names = "--key-out",
            paramLabel = "FILE",
            description = {
                "Instead of --csr, for a server: makes a key on P-256, and writes it there."
            })
    private Optional<Path> keyOut = Optional.empty();

    @Option(
            names = "--days",
            paramLabel = "DAYS",
            description = "How long it is valid (default: 365; of a server as of the hub's own).")
    private Optional<Integer> days = Optional.empty();

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Where it goes with its issuer's (default: printed).")
    private Optional<Path> out = Optional.empty();

    @Override
    public Integer call() {
        requireUsage();
        Optional<String> pem = request.map(CaCommand::read);
        request.ifPresent(file -> requireOther(file, "--csr"));
        try (OfflineAuthority offline = CaCommand.open(api)) {
            OrderedCertificate issued =
                    server.isEmpty()
                            ? forDevice(offline.authority(), pem.orElseThrow())
                            : forServer(offline.authority(), pem);
            CaCommand.write(api, out, issued.pem());
        } catch (RequestRefusedException refused) {
            throw new CommandFailedException(refused.code() + ": " + refused.getMessage());
        } catch (IllegalArgumentException | KeyUnusableException wrong) {
            throw new CommandFailedException(String.valueOf(wrong.getMessage()));
        }
        return ExitCode.OK;
    }

    private void requireUsage() {
        if (server.isEmpty() != device.isPresent() || (product.isPresent() && !server.isEmpty())) {
            throw api.wrongUsage("say PRODUCT and DEVICE, or --server NAME");
        }
        if (request.isPresent() == keyOut.isPresent()) {
            throw api.wrongUsage("one of --csr and --key-out is needed");
        }
        if (server.isEmpty() && keyOut.isPresent()) {
            throw api.wrongUsage("a device makes its key itself: say --csr");
        }
    }

    private OrderedCertificate forDevice(OwnAuthority authority, String pem) {
        DeviceUrn urn = new DeviceUrn(product.orElseThrow(), device.orElseThrow());
        return OperatorOrder.forDevice(authority, urn, life())
                .issue(pem, compromised(), Clock.systemUTC());
    }

    private OrderedCertificate forServer(OwnAuthority authority, Optional<String> pem) {
        OperatorOrder order = OperatorOrder.forServer(authority, server, life());
        if (pem.isPresent()) {
            return order.issue(pem.get(), compromised(), Clock.systemUTC());
        }
        KeyKind kind = KeyKind.EC_P256;
        KeyPair keys = kind.generate(new SecureRandom());
        Path file = keyOut.orElseThrow();
        // Before anything is issued for it, for nobody can ask for that once more.
        writeKey(file, keys.getPrivate());
        try {
            requireOther(file, "--key-out");
            out.ifPresent(CaCommand::requireWritable);
            return order.issue(kind, keys);
        } catch (RuntimeException e) {
            deleteKey(file, e);
            throw e;
        }
    }

    /** The certificate never goes over what it is made of, however its file is called. */
    private void requireOther(Path file, String option) {
        Path target = out.orElse(null);
        try {
            if (target != null && Files.exists(target) && Files.isSameFile(target, file)) {
                throw new CommandFailedException(
                        "--out and " + option + " are the same file, " + file + "; name another");
            }
        } catch (IOException e) {
            throw new CommandFailedException(target + " cannot be written: " + e);
        }
    }

    /** The one that was written just now, so that the same can be asked for again. */
    private static void deleteKey(Path file, RuntimeException why) {
        try {
            DurableFile.delete(file);
        } catch (IOException e) {
            throw new CommandFailedException(
                    "%s; and %s is a key without a certificate and cannot be deleted: %s"
                            .formatted(why.getMessage(), file, e));
        }
    }

    private KeyBlocklist compromised() {
        return CompromisedKeys.read(CaCommand.config(api).certificates().compromisedKeys());
    }

    private Optional<Duration> life() {
        return days.map(Duration::ofDays);
    }

    /** For who calls this alone, all of it or nothing; never in the place of another key. */
    private static void writeKey(Path file, PrivateKey key) {
        String pem =
                "-----BEGIN PRIVATE KEY-----\n"
                        + LINES.encodeToString(key.getEncoded())
                        + "\n-----END PRIVATE KEY-----\n";
        try {
            DurableFile.create(file, pem.getBytes(StandardCharsets.US_ASCII));
        } catch (FileAlreadyExistsException there) {
            throw new CommandFailedException(
                    file + " is there already; a key is not written over another");
        } catch (IOException e) {
            throw new CommandFailedException(file + " cannot be written: " + e);
        }
    }
}
