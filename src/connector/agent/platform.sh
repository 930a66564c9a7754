# shellcheck shell=sh disable=SC2034,SC2154 # one part of agent.sh; variables cross parts, the whole is checked by scripts.test.ts
#
# Where this machine runs, raw: the firmware's words and, in the three clouds that have a metadata service we know, the ids that the
# route and security group checks need. No serial numbers, no keys, no user data.

METADATA=http://169.254.169.254

metadata() { curl -q --silent --noproxy '*' --connect-timeout 1 --max-time 2 --fail "$@" 2>/dev/null; }

# read_platform : asked once in the life of an agent; kept in RUN/platform.
read_platform() {
  if [ -s "$RUN/platform" ]; then return; fi
  {
    for platform_name in sys_vendor product_name board_asset_tag chassis_asset_tag bios_vendor; do
      platform_value=
      { read -r platform_value <"/sys/class/dmi/id/$platform_name"; } 2>/dev/null || true
      # On EC2 the board's asset tag is the instance id; elsewhere it may be the owner's inventory number.
      case $platform_name:$platform_value in board_asset_tag:i-* | [!b]*) printf 'dmi.%s=%s\n' "$platform_name" "$platform_value" ;; b[!o]*) printf 'dmi.%s=%s\n' "$platform_name" "$platform_value" ;; esac
    done
    case $(cat /sys/class/dmi/id/sys_vendor /sys/class/dmi/id/chassis_asset_tag 2>/dev/null) in
      *'Amazon EC2'*) metadata_aws ;;
      *Google*) metadata_google ;;
      # The asset tag of every Azure machine.
      *7783-7084-3265-9085-8269-3286-77*) metadata_azure ;;
    esac
    if [ -e /.dockerenv ] || [ -e /run/.containerenv ]; then echo container=yes; fi
  } >"$RUN/platform.new"
  mv "$RUN/platform.new" "$RUN/platform"
}

metadata_aws() {
  aws_token=$(metadata -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' "$METADATA/latest/api/token") || return 0
  for aws_key in instance-id placement/region placement/availability-zone mac; do
    printf 'aws.%s=%s\n' "$aws_key" "$(metadata -H "X-aws-ec2-metadata-token: $aws_token" "$METADATA/latest/meta-data/$aws_key")"
  done
  for aws_mac in $(metadata -H "X-aws-ec2-metadata-token: $aws_token" "$METADATA/latest/meta-data/network/interfaces/macs/"); do
    case $aws_mac in *[!0-9a-f:/]*) continue ;; esac
    for aws_key in interface-id vpc-id subnet-id local-ipv4s; do
      printf 'aws.%s%s=%s\n' "$aws_mac" "$aws_key" "$(metadata -H "X-aws-ec2-metadata-token: $aws_token" "$METADATA/latest/meta-data/network/interfaces/macs/$aws_mac$aws_key" | tr '\n' ' ')"
    done
  done
}

metadata_google() {
  for google_key in id zone name network-interfaces/0/network network-interfaces/0/ip; do
    printf 'google.%s=%s\n' "$google_key" "$(metadata -H 'Metadata-Flavor: Google' "$METADATA/computeMetadata/v1/instance/$google_key")"
  done
}

metadata_azure() {
  for azure_key in vmId name resourceGroupName subscriptionId location; do
    printf 'azure.%s=%s\n' "$azure_key" "$(metadata -H 'Metadata: true' "$METADATA/metadata/instance/compute/$azure_key?api-version=2021-02-01&format=text")"
  done
}
