// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.libvirt;

/** Those of libvirt's error numbers ({@code virErrorNumber}) that jvirt tells apart. */
public final class ErrorNumber {
    public static final int INTERNAL_ERROR = 1;
    public static final int NO_SUPPORT = 3;
    public static final int UNKNOWN_HOST = 4;
    public static final int NO_CONNECT = 5;
    public static final int INVALID_ARG = 8;
    public static final int OPERATION_FAILED = 9;
    public static final int XML_ERROR = 27;
    public static final int DOM_EXIST = 28;
    public static final int OPERATION_DENIED = 29;
    public static final int NETWORK_EXIST = 37;
    public static final int SYSTEM_ERROR = 38;
    public static final int RPC = 39;
    public static final int NO_DOMAIN = 42;
    public static final int NO_NETWORK = 43;
    public static final int AUTH_FAILED = 45;
    public static final int NO_STORAGE_POOL = 49;
    public static final int NO_STORAGE_VOL = 50;
    public static final int NO_NODE_DEVICE = 53;
    public static final int OPERATION_INVALID = 55;
    public static final int NO_INTERFACE = 57;
    public static final int NO_NWFILTER = 62;
    public static final int NO_SECRET = 66;
    public static final int CONFIG_UNSUPPORTED = 67;
    public static final int OPERATION_TIMEOUT = 68;
    public static final int NO_DOMAIN_SNAPSHOT = 72;
    public static final int NO_DOMAIN_METADATA = 80;
    public static final int OPERATION_UNSUPPORTED = 84;
    public static final int AGENT_UNRESPONSIVE = 86;
    public static final int RESOURCE_BUSY = 87;
    public static final int ACCESS_DENIED = 88;
    public static final int STORAGE_VOL_EXIST = 90;
    public static final int XML_INVALID_SCHEMA = 92;
    public static final int AUTH_UNAVAILABLE = 94;
    public static final int NO_DOMAIN_CHECKPOINT = 103;

    private ErrorNumber() {}

    static boolean isNotFound(int number) {
        return switch (number) {
            case NO_DOMAIN,
                    NO_NETWORK,
                    NO_STORAGE_POOL,
                    NO_STORAGE_VOL,
                    NO_NODE_DEVICE,
                    NO_INTERFACE,
                    NO_NWFILTER,
                    NO_SECRET,
                    NO_DOMAIN_SNAPSHOT,
                    NO_DOMAIN_METADATA,
                    NO_DOMAIN_CHECKPOINT -> true;
            default -> false;
        };
    }
}
