# Sourced by peers.sh: Ceph from Debian's packages, one monitor, one manager, three OSDs, a gateway for S3; all on 127.0.0.1, all files under
# $root/ceph.
#
# Durable like OrleansDfs: three copies of everything (size 3, min_size 2), BlueStore on sparse files with O_DIRECT and fdatasync before the
# acknowledgement. Else Ceph's defaults, cephx included, but: replicas may share the one host, no placement group is split meanwhile, each OSD may
# cache 2 GiB, and the gateway disables Nagle's algorithm, without which every GET on a kept-alive connection waits 40 ms for a delayed ACK.

ceph_packages=(radosgw ceph-mon ceph-osd ceph-mgr ceph-common)
ceph_programs=(radosgw radosgw-admin ceph-mon ceph-osd ceph-mgr ceph ceph-authtool monmaptool)

ceph_start() {
  local folder=$root/ceph
  local mon_port mon_port_v1 fsid port
  free_port; mon_port=$port
  free_port; mon_port_v1=$port
  free_port
  fsid=$(cat /proc/sys/kernel/random/uuid)
  mkdir -p "$folder/run" "$folder/log" "$folder/mon" "$folder/mgr" "$folder/rgw"
  cat >"$folder/ceph.conf" <<CONF
[global]
fsid = $fsid
mon_host = [v2:127.0.0.1:$mon_port,v1:127.0.0.1:$mon_port_v1]
public_addr = 127.0.0.1
cluster_addr = 127.0.0.1
keyring = $folder/admin.keyring
run_dir = $folder/run
admin_socket = $folder/run/\$name.asok
log_file = $folder/log/\$name.log
crash_dir = $folder/run
osd_pool_default_size = 3
osd_pool_default_min_size = 2
osd_pool_default_pg_num = 32
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
[mon]
mon_data = $folder/mon
mon_initial_members = a
[mgr]
mgr_data = $folder/mgr
keyring = $folder/mgr/keyring
[osd]
osd_data = $folder/osd\$id
keyring = $folder/osd\$id/keyring
osd_objectstore = bluestore
bluestore_block_size = $((40 << 30))
osd_memory_target = $((2 << 30))
[client.rgw.bench]
rgw_data = $folder/rgw
keyring = $folder/rgw/keyring
rgw_frontends = beast endpoint=127.0.0.1:$port tcp_nodelay=1
CONF
  export CEPH_CONF=$folder/ceph.conf
  {
    ceph-authtool --create-keyring "$folder/mon.keyring" --gen-key -n mon. --cap mon 'allow *'
    ceph-authtool --create-keyring "$folder/admin.keyring" --gen-key -n client.admin --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *'
    ceph-authtool "$folder/mon.keyring" --import-keyring "$folder/admin.keyring"
    monmaptool --create --clobber --fsid "$fsid" --addv a "[v2:127.0.0.1:$mon_port,v1:127.0.0.1:$mon_port_v1]" "$folder/monmap"
    ceph-mon --mkfs -i a --monmap "$folder/monmap" --keyring "$folder/mon.keyring"
  } >>"$folder/setup.log" 2>&1
  launch "$folder/log/mon.out" ceph-mon -i a -f
  until_true 60 "Ceph's monitor" "$folder/log/mon.out" ceph --connect-timeout 5 mon stat
  {
    ceph auth get-or-create mgr.bench mon 'allow profile mgr' osd 'allow *' mds 'allow *' -o "$folder/mgr/keyring"
    ceph auth get-or-create client.rgw.bench mon 'allow rw' osd 'allow rwx' mgr 'allow rw' -o "$folder/rgw/keyring"
  } >>"$folder/setup.log" 2>&1
  launch "$folder/log/mgr.out" ceph-mgr -i bench -f

  local number secret uuid
  for number in 0 1 2; do
    uuid=$(cat /proc/sys/kernel/random/uuid)
    secret=$(ceph-authtool --gen-print-key)
    mkdir -p "$folder/osd$number"
    {
      echo "{\"cephx_secret\": \"$secret\"}" | ceph osd new "$uuid" "$number" -i -
      ceph-authtool --create-keyring "$folder/osd$number/keyring" -n "osd.$number" --add-key "$secret"
      ceph-osd -i "$number" --mkfs --osd-uuid "$uuid"
    } >>"$folder/setup.log" 2>&1
    launch "$folder/log/osd$number.out" ceph-osd -i "$number" -f
  done
  until_true 120 "Ceph's OSDs" "$folder/log/osd0.out" ceph_has_osds
  launch "$folder/log/rgw.out" radosgw -n client.rgw.bench -f
  until_true 180 "Ceph's S3 gateway" "$folder/log/rgw.out" answers "$port" /
  radosgw-admin user create --uid=bench --display-name=bench --access-key="$access_key" --secret-key="$secret_key" >>"$folder/setup.log" 2>&1
  until_true 180 "Ceph's placement groups" "$folder/log/mon.out" ceph_is_clean
  target ceph "$port" "$access_key" "$secret_key"
}

ceph_has_osds() { [[ $(ceph --connect-timeout 5 osd stat 2>/dev/null) == *" 3 up"*" 3 in"* ]]; }

# A copy that is still missing would not be waited for: nothing is measured before all have all.
ceph_is_clean() {
  local state
  state=$(ceph --connect-timeout 5 pg stat 2>/dev/null) || return 1
  [[ $state == *"active+clean"* && ! $state =~ peering|undersized|creating|unknown|inactive ]]
}
