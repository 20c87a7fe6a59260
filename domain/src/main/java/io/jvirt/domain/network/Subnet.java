// SPDX-License-Identifier: Apache-2.0
package io.jvirt.domain.network;

import io.jvirt.domain.JvirtException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A range of IP addresses.
 *
 * @param first its lowest address, as a number
 * @param prefix how many bits its addresses share
 * @param bits 32 for IPv4, 128 for IPv6
 */
public record Subnet(BigInteger first, int prefix, int bits) {
    private static final Pattern ZERO_GROUPS = Pattern.compile("(?:^|:)0(?::0)+(?::|$)");

    public static final int IPV4_BITS = 32;
    public static final int IPV6_BITS = 128;

    /** The range that an address and a prefix length, or an IPv4 netmask, belong to; null where it is none. */
    public static @Nullable Subnet of(@Nullable String address, @Nullable String prefixOrMask) {
        BigInteger number = address == null ? null : number(address);
        if (number == null || address == null) {
            return null;
        }
        int bits = bits(address);
        int prefix = prefixOrMask == null ? (bits == IPV6_BITS ? 64 : -1) : prefix(prefixOrMask, bits);
        return prefix < 0 || prefix > bits ? null : new Subnet(masked(number, prefix, bits), prefix, bits);
    }

    /** USAGE where the text is no {@code ADDRESS/PREFIX}. */
    public static Subnet parse(String text) {
        int slash = text.indexOf('/');
        Subnet subnet = slash < 0 ? null : of(text.substring(0, slash), text.substring(slash + 1));
        if (subnet == null) {
            throw JvirtException.usage(
                    "'" + text + "' is no subnet", "write an address and a prefix, such as 192.168.150.0/24");
        }
        return subnet;
    }

    private static int prefix(String text, int bits) {
        if (text.chars().allMatch(c -> c >= '0' && c <= '9') && !text.isEmpty() && text.length() < 4) {
            return Integer.parseInt(text);
        }
        BigInteger mask = bits == IPV4_BITS ? number(text) : null;
        if (mask == null) {
            return -1;
        }
        int length = mask.bitCount();
        BigInteger proper =
                BigInteger.ONE.shiftLeft(length).subtract(BigInteger.ONE).shiftLeft(bits - length);
        return mask.equals(proper) ? length : -1;
    }

    private static int bits(String address) {
        return address.indexOf(':') < 0 ? IPV4_BITS : IPV6_BITS;
    }

    /** Null where the text is no address written in numbers; nothing is looked up. */
    static @Nullable BigInteger number(String address) {
        boolean isV6 = address.indexOf(':') >= 0;
        if (!address.matches(isV6 ? "[0-9a-fA-F:.]+" : "[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            return null;
        }
        try {
            byte[] bytes = InetAddress.getByName(address).getAddress();
            return bytes.length * 8 == bits(address) ? new BigInteger(1, bytes) : null;
        } catch (UnknownHostException e) {
            return null;
        }
    }

    private static BigInteger masked(BigInteger number, int prefix, int bits) {
        return number.shiftRight(bits - prefix).shiftLeft(bits - prefix);
    }

    /** Whether an address lies in it. */
    public boolean contains(String address) {
        BigInteger number = number(address);
        return number != null
                && bits(address) == bits
                && masked(number, prefix, bits).equals(first);
    }

    /** Whether any address lies in both. */
    public boolean overlaps(Subnet other) {
        int shared = Math.min(prefix, other.prefix);
        return bits == other.bits && masked(first, shared, bits).equals(masked(other.first, shared, bits));
    }

    /** Its n-th address; counted from its end where n is negative. */
    public String address(long n) {
        BigInteger size = BigInteger.ONE.shiftLeft(bits - prefix);
        BigInteger offset = n < 0 ? size.add(BigInteger.valueOf(n)) : BigInteger.valueOf(n);
        return text(first.add(offset));
    }

    /** Whether the address is its lowest, which names the range, or its highest, which all hear. */
    boolean isReserved(String address) {
        return bits == IPV4_BITS && (address.equals(address(0)) || address.equals(address(-1)));
    }

    private String text(BigInteger number) {
        byte[] bytes = new byte[bits / 8];
        byte[] big = number.toByteArray();
        int length = Math.min(big.length, bytes.length);
        System.arraycopy(big, big.length - length, bytes, bytes.length - length, length);
        try {
            String text = InetAddress.getByAddress(bytes).getHostAddress();
            return bits == IPV4_BITS ? text : shortened(text);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The longest run of zero groups becomes {@code ::}. */
    private static String shortened(String text) {
        String best = "";
        Matcher runs = ZERO_GROUPS.matcher(text);
        while (runs.find()) {
            if (runs.group().length() > best.length()) {
                best = runs.group();
            }
        }
        int at = text.indexOf(best);
        return best.isEmpty() ? text : text.substring(0, at) + "::" + text.substring(at + best.length());
    }

    @Override
    public String toString() {
        return text(first) + "/" + prefix;
    }
}
