/**
 * Where clients find a guest on the network: the hardware address of the network device in both machines of a pair, which are one machine to
 * whoever talks to them (VMware FT, section 2.1). The machine's own constant for it is in `emulator`, which nothing here may import.
 */
export const SERVER_ADDRESS: readonly number[] = [0x52, 0x54, 0x00, 0x4c, 0x53, 0x01];
