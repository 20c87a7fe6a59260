// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CRL;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.X509CertSelector;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.CertPathTrustManagerParameters;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.bouncycastle.asn1.DERNull;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAPrivateKey;
import org.bouncycastle.asn1.sec.ECPrivateKey;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.util.io.pem.PemObject;
import org.bouncycastle.util.io.pem.PemReader;
import org.jspecify.annotations.Nullable;

/**
 * A client's certificates as QEMU's {@code tls-creds-x509} keeps them in a directory, all PEM: {@code ca-cert.pem}, whose
 * certificates servers are checked against; {@code ca-crl.pem}, if there, what of those was revoked; {@code client-cert.pem} and
 * {@code client-key.pem}, if there, for servers that want to know the client (QEMU's docs/system/tls).
 */
public final class TlsCredentials {
    private static final char[] NO_PASSWORD = {};

    private final KeyManager @Nullable [] ownKeys;
    private final @Nullable X509ExtendedTrustManager issuers;

    private TlsCredentials(KeyManager @Nullable [] ownKeys, @Nullable X509ExtendedTrustManager issuers) {
        this.ownKeys = ownKeys;
        this.issuers = issuers;
    }

    /**
     * Reads them.
     *
     * @param verifyPeer whether a server's certificate is checked at all
     */
    public static TlsCredentials ofClient(Path directory, boolean verifyPeer) throws StorageException {
        Path authorities = directory.resolve("ca-cert.pem");
        try {
            Files.newInputStream(authorities).close();
        } catch (IOException e) {
            String reason = e instanceof NoSuchFileException ? "No such file or directory" : "Permission denied";
            throw new StorageException("Unable to access credentials " + authorities + ": " + reason, null, e);
        }
        X509ExtendedTrustManager issuers = issuers(authorities, directory.resolve("ca-crl.pem"));
        Path certificate = directory.resolve("client-cert.pem");
        Path key = directory.resolve("client-key.pem");
        KeyManager[] own = Files.exists(certificate) && Files.exists(key) ? ownKeys(certificate, key) : null;
        return new TlsCredentials(own, verifyPeer ? issuers : null);
    }

    /** Null where any server will do. */
    @Nullable
    X509ExtendedTrustManager issuers() {
        return issuers;
    }

    KeyManager @Nullable [] ownKeys() {
        return ownKeys;
    }

    private static X509ExtendedTrustManager issuers(Path authorities, Path revoked) throws StorageException {
        try {
            KeyStore store = emptyStore();
            for (Certificate authority : certificates(authorities)) {
                store.setCertificateEntry("ca" + store.size(), authority);
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            if (Files.exists(revoked)) {
                PKIXBuilderParameters parameters = new PKIXBuilderParameters(store, new X509CertSelector());
                parameters.addCertStore(
                        CertStore.getInstance("Collection", new CollectionCertStoreParameters(revocations(revoked))));
                factory.init(new CertPathTrustManagerParameters(parameters));
            } else {
                factory.init(store);
            }
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager found) {
                    return found;
                }
            }
            throw new IllegalStateException("PKIX without X.509");
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable("CA certificate", authorities, e);
        }
    }

    private static KeyManager[] ownKeys(Path certificate, Path key) throws StorageException {
        try {
            List<Certificate> chain = new ArrayList<>(certificates(certificate));
            if (chain.isEmpty()) {
                throw new IOException("no certificate in it");
            }
            PrivateKey own = privateKey(key, chain.get(0).getPublicKey().getAlgorithm());
            KeyStore store = emptyStore();
            store.setKeyEntry("client", own, NO_PASSWORD, chain.toArray(new Certificate[0]));
            KeyManagerFactory factory = KeyManagerFactory.getInstance("PKIX");
            factory.init(store, NO_PASSWORD);
            return factory.getKeyManagers();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw unreadable("certificate '" + certificate + "' & key", key, e);
        }
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static Collection<? extends Certificate> certificates(Path file)
            throws IOException, GeneralSecurityException {
        try (InputStream input = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCertificates(input);
        }
    }

    private static Collection<? extends CRL> revocations(Path file) throws IOException, GeneralSecurityException {
        try (InputStream input = Files.newInputStream(file)) {
            return CertificateFactory.getInstance("X.509").generateCRLs(input);
        }
    }

    /** PKCS #8, or as GnuTLS and OpenSSL wrote keys before (RFC 8017, A.1.2; RFC 5915). What stands before it is a comment. */
    private static PrivateKey privateKey(Path file, String algorithm) throws IOException, GeneralSecurityException {
        PemObject found;
        try (PemReader reader = new PemReader(new StringReader(Files.readString(file, StandardCharsets.UTF_8)))) {
            do {
                found = reader.readPemObject();
            } while (found != null && !found.getType().endsWith("PRIVATE KEY"));
        }
        if (found == null) {
            throw new IOException("no private key in it");
        }
        byte[] content = found.getContent();
        PrivateKeyInfo key = switch (found.getType()) {
            case "PRIVATE KEY" -> PrivateKeyInfo.getInstance(content);
            case "RSA PRIVATE KEY" ->
                new PrivateKeyInfo(
                        new AlgorithmIdentifier(PKCSObjectIdentifiers.rsaEncryption, DERNull.INSTANCE),
                        RSAPrivateKey.getInstance(content));
            case "EC PRIVATE KEY" -> {
                ECPrivateKey curve = ECPrivateKey.getInstance(content);
                yield new PrivateKeyInfo(
                        new AlgorithmIdentifier(X9ObjectIdentifiers.id_ecPublicKey, curve.getParametersObject()),
                        curve);
            }
            default -> throw new IOException("a key of type '" + found.getType() + "' is not supported");
        };
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(key.getEncoded()));
    }

    private static StorageException unreadable(String what, Path file, Exception cause) {
        return new StorageException(
                "Unable to load " + what + " '" + file + "': " + cause.getMessage(),
                "openssl x509 -noout -text -in FILE, or openssl pkey -noout -in FILE, tells what is wrong with it",
                cause);
    }
}
