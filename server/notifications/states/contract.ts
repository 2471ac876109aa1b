export {
  type ChannelKind,
  channelKinds,
  type ChannelState,
  channelStates,
  type DeliveryState,
  deliveryStates,
  severities,
} from '#db/enums.ts';
