package io.muster.ca.pki;

import io.muster.ca.Requirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemWriter;

/** The {@code openssl} of this machine, in a folder. */
public final class OpenSsl {

    private final Path folder;

    /** Skips the test if there is none. */
    public OpenSsl(Path folder) {
        this.folder = folder;
        boolean isThere;
        try {
            isThere = run("version").exitCode() == 0;
        } catch (UncheckedIOException e) {
            isThere = false;
        }
        Requirement.OPENSSL.check(isThere, "no openssl here");
    }

    /** Runs a command; what it writes goes into the answer, wherever it was written to. */
    public Answer run(String... arguments) {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        try {
            Path output = Files.createTempFile(folder, "openssl", ".out");
            Process process =
                    new ProcessBuilder(command)
                            .directory(folder.toFile())
                            .redirectErrorStream(true)
                            .redirectOutput(output.toFile())
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IllegalStateException("openssl takes too long: " + command);
            }
            return new Answer(process.exitValue(), Files.readString(output));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Writes a file into the folder. */
    public void write(String name, byte[] content) {
        try {
            Files.write(folder.resolve(name), content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The same of certificates, as PEM. */
    public void writeCertificates(String name, X509CertificateHolder... certificates) {
        StringBuilder pem = new StringBuilder();
        for (X509CertificateHolder certificate : certificates) {
            pem.append(pem("CERTIFICATE", encoded(certificate)));
        }
        write(name, pem.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** The same of CRLs. */
    public void writeCrls(String name, byte[]... crls) {
        StringBuilder pem = new StringBuilder();
        for (byte[] crl : crls) {
            pem.append(pem("X509 CRL", crl));
        }
        write(name, pem.toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Reads a file that openssl wrote. */
    public byte[] read(String name) {
        try {
            return Files.readAllBytes(folder.resolve(name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] encoded(X509CertificateHolder certificate) {
        try {
            return certificate.getEncoded();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String pem(String type, byte[] content) {
        java.io.StringWriter text = new java.io.StringWriter();
        try (PemWriter writer = new PemWriter(text)) {
            writer.writeObject(new PemObject(type, content));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    /**
     * How it ended.
     *
     * @param exitCode 0 where all is well
     * @param output all that it wrote
     */
    public record Answer(int exitCode, String output) {}
}
