// SPDX-License-Identifier: Apache-2.0
package io.jvirt.storage.nbd;

import io.jvirt.storage.StorageException;
import java.io.IOException;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import tlschannel.ClientTlsChannel;
import tlschannel.TlsChannel;

/**
 * The server that a client expects at the other end of a TLS session.
 *
 * @param credentials what it is checked with
 * @param hostname the name that its certificate has to have; null for that of the address
 */
public record TlsPeer(TlsCredentials credentials, @Nullable String hostname) {
    /** Begins the session on a connection on which nothing is under way. */
    TlsChannel handshake(SocketChannel connection, NbdAddress address) throws IOException {
        X509ExtendedTrustManager issuers = credentials.issuers();
        String name = hostname == null ? address.host() : hostname;
        if (issuers != null && name == null) {
            throw new StorageException("No hostname for certificate validation", "name it with tls-hostname=");
        }
        Check check = new Check(issuers, name);
        TlsChannel channel =
                ClientTlsChannel.newBuilder(connection, engine(check, name)).build();
        try {
            channel.handshake();
            return channel;
        } catch (IOException e) {
            String fault = check.fault;
            String reason = fault != null ? fault : "TLS handshake failed: " + e.getMessage();
            throw new NbdException(
                    "The NBD server at '" + address + "' is not trusted: " + reason,
                    reason,
                    "openssl s_client shows certificates; see ca-cert.pem and tls-hostname=",
                    e);
        }
    }

    private SSLEngine engine(Check check, @Nullable String name) throws StorageException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(credentials.ownKeys(), new TrustManager[] {check}, null);
            SSLEngine engine = context.createSSLEngine(name, -1);
            engine.setUseClientMode(true);
            SSLParameters parameters = engine.getSSLParameters();
            // How names are compared (RFC 2818); the check asks for it.
            parameters.setEndpointIdentificationAlgorithm("HTTPS");
            engine.setSSLParameters(parameters);
            return engine;
        } catch (GeneralSecurityException e) {
            throw new StorageException("TLS is not available: " + e.getMessage(), null, e);
        }
    }

    /** The check of a server's certificate, which remembers why it failed: issuers first, as the name counts only with them. */
    private static final class Check extends X509ExtendedTrustManager {
        private final @Nullable X509ExtendedTrustManager issuers;
        private final @Nullable String name;
        private volatile @Nullable String fault;

        Check(@Nullable X509ExtendedTrustManager issuers, @Nullable String name) {
            this.issuers = issuers;
            this.name = name;
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            if (issuers == null) {
                return;
            }
            try {
                issuers.checkServerTrusted(chain, type);
            } catch (CertificateException e) {
                fault = fault(e);
                throw e;
            }
            try {
                issuers.checkServerTrusted(chain, type, engine);
            } catch (CertificateException e) {
                fault = "Certificate does not match the hostname " + name;
                throw e;
            }
        }

        private static String fault(CertificateException failure) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof CertPathValidatorException path
                        && path.getReason() instanceof BasicReason reason) {
                    switch (reason) {
                        case REVOKED -> {
                            return "The certificate has been revoked";
                        }
                        case EXPIRED -> {
                            return "The certificate has expired";
                        }
                        default -> {}
                    }
                }
            }
            return "The certificate hasn't got a known issuer";
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("not a session of a known server");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("not a session of a known server");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
            throw new CertificateException("no client is expected");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
                throws CertificateException {
            throw new CertificateException("no client is expected");
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
                throws CertificateException {
            throw new CertificateException("no client is expected");
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return issuers == null ? new X509Certificate[0] : issuers.getAcceptedIssuers();
        }
    }
}
